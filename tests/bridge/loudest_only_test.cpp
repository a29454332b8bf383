// Loudest-only routing over loopback with real ICE, DTLS and SRTP.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/bridge/client_shorthands.hpp"
#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

BridgeConfig one_loudest() {
    auto config = Call::local_config();
    config.loudest.route_loudest_only = true;
    config.loudest.num_loudest = 1;
    config.loudest.always_route_dominant = false;
    return config;
}

}  // namespace

TEST_CASE("only the loudest is passed on, and who becomes the loudest leaves no gap") {
    Call call(one_loudest());
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto& c = call.join(options("cccccccc", 3000));
    const auto heard = [&](const TestClient& who) { return c.rtp_of(who.audio_ssrc()).size(); };
    int round = 0;
    // Both have been heard as noise, which sets their floors.
    const auto talk = [&](std::uint8_t level_a, std::uint8_t level_b) {
        return [&, level_a, level_b] {
            ++round;
            a.send_audio(level_a, Clock::now());
            b.send_audio(level_b, Clock::now());
        };
    };
    REQUIRE(call.until_doing([&] { return round >= 5; }, talk(110, 110)));
    c.rtp.clear();
    REQUIRE(call.until_doing([&] { return heard(a) >= 30; }, talk(20, 60)));
    CHECK(heard(b) <= 5);
    const auto before = heard(b);
    REQUIRE(call.until_doing([&] { return heard(b) >= before + 30; }, talk(70, 20)));
    const auto packets = c.rtp_of(b.audio_ssrc());
    for (std::size_t i = 1; i < packets.size(); ++i) {
        CHECK(packets[i].view().seq() ==
              static_cast<std::uint16_t>(packets[i - 1].view().seq() + 1));
    }
}

TEST_CASE("a source that somebody names is passed on whoever is louder") {
    Call call(one_loudest());
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto& c = call.join(options("cccccccc", 3000));
    c.send_text(R"({"colibriClass":"ReceiverAudioSubscription","all":true,)"
                R"("include":["bbbbbbbb-a0"],"exclude":[]})");
    CHECK(call.until_doing(
        [&] {
            return c.rtp_of(a.audio_ssrc()).size() >= 30 && c.rtp_of(b.audio_ssrc()).size() >= 30;
        },
        [&] {
            a.send_audio(20, Clock::now());
            b.send_audio(60, Clock::now());
        }));
}

TEST_CASE("a source is spared as long as somebody is there who names it") {
    Call call(one_loudest());
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto& c = call.join(options("cccccccc", 3000));
    auto& d = call.join(options("dddddddd", 4000));
    const auto subscribe = [](TestClient& who, const char* include) {
        who.send_text(R"({"colibriClass":"ReceiverAudioSubscription","all":true,"include":[)" +
                      std::string(include) + R"(],"exclude":[]})");
    };
    const auto talk = [&] {
        a.send_audio(20, Clock::now());
        b.send_audio(60, Clock::now());
    };
    const auto heard = [&](const TestClient& who) { return d.rtp_of(who.audio_ssrc()).size(); };
    // b's packets among those of a's that d hears from now on.
    const auto share = [&] {
        d.rtp.clear();
        REQUIRE(call.until_doing([&] { return heard(a) >= 40; }, talk));
        return heard(b);
    };
    subscribe(c, R"("bbbbbbbb-a0")");
    subscribe(d, R"("bbbbbbbb-a0","cccccccc-a0")");
    REQUIRE(call.until_doing([&] { return heard(b) >= 30; }, talk));
    subscribe(d, R"("cccccccc-a0")");
    share();
    CHECK(share() >= 30);

    auto leave = Call::request({});
    leave.endpoints[0].id = c.id();
    leave.endpoints[0].expire = true;
    REQUIRE(call.modify(leave).has_value());
    call.drop(c);
    share();
    CHECK(share() == 0);
}

TEST_CASE("everybody is passed on by default") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto& d = call.join(options("dddddddd", 4000));
    auto& e = call.join(options("eeeeeeee", 5000));
    auto& c = call.join(options("cccccccc", 3000));
    std::uint8_t level = 20;
    CHECK(call.until_doing(
        [&] {
            return std::all_of(call.clients().begin(), call.clients().end(), [&](const auto& who) {
                return who.get() == &c || c.rtp_of(who->audio_ssrc()).size() >= 20;
            });
        },
        [&] {
            level = 20;
            for (auto* who : {&a, &b, &d, &e}) who->send_audio(level += 10, Clock::now());
        }));
}
