// ICE restarts of an endpoint, from the COLIBRI2 request to the media, and clients that move.
#include <doctest/doctest.h>

#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

struct TwoPeople {
    Call call;
    TestClient& ann;
    TestClient& ben;

    explicit TwoPeople(BridgeConfig config = Call::local_config())
        : call(std::move(config)), ann(call.join({.id = "aaaaaaaa", .first_ssrc = 1000})),
          ben(call.join({.id = "bbbbbbbb", .first_ssrc = 2000})) {}

    xmpp::colibri2::Endpoint ask_restart(TestClient& who) {
        const auto answer = call.modify(Call::request(who.restart_request()));
        REQUIRE(answer.has_value());
        return answer->endpoints.at(0);
    }
    void say(const xmpp::colibri2::Endpoint& update) {
        REQUIRE(call.modify(Call::request(update)).has_value());
    }
    void both_talk() {
        ann.send_audio(10, Clock::now());
        ben.send_audio(10, Clock::now());
    }
    // What each hears of the other has arrived since, in number.
    bool both_hear(std::size_t more) {
        const auto heard_by = [&](TestClient& who, TestClient& of) {
            return who.rtp_of(of.audio_ssrc()).size();
        };
        if (heard_ann == 0) {
            heard_ann = heard_by(ben, ann);
            heard_ben = heard_by(ann, ben);
            return false;
        }
        return heard_by(ben, ann) >= heard_ann + more && heard_by(ann, ben) >= heard_ben + more;
    }
    bool media_flows() {
        heard_ann = heard_ben = 0;
        return call.until_doing([&] { return both_hear(5); }, [&] { both_talk(); }, seconds(20));
    }
    std::size_t heard_ann = 0;
    std::size_t heard_ben = 0;
};

// Nothing is missing between the first and the last.
void check_no_gap(const std::vector<ReceivedRtp>& packets) {
    REQUIRE(packets.size() > 1);
    for (std::size_t i = 1; i < packets.size(); ++i) {
        CHECK(static_cast<std::uint16_t>(packets[i].view().seq() - packets[i - 1].view().seq()) ==
              1);
    }
}

}  // namespace

TEST_CASE("an ICE restart: media goes on the old way until the new one is found, without a gap") {
    TwoPeople t;
    REQUIRE(t.media_flows());
    const std::string old_ufrag = t.ann.ufrag_in_use();

    const auto answer = t.ask_restart(t.ann);
    REQUIRE(answer.transport.has_value());
    CHECK(answer.transport->ice->ice_generation == 1u);
    CHECK(answer.transport->ice->fingerprints.at(0).setup == "passive");
    CHECK_FALSE(answer.transport->ice->candidates.empty());
    CHECK(t.media_flows());
    CHECK(t.ann.ufrag_in_use() == old_ufrag);

    t.say(t.ann.on_restart(answer, Clock::now()));
    CHECK(t.call.until_doing([&] { return t.ann.ufrag_in_use() != old_ufrag; },
                             [&] { t.both_talk(); }, seconds(20)));
    CHECK(t.media_flows());
    check_no_gap(t.ben.rtp_of(t.ann.audio_ssrc()));
    check_no_gap(t.ann.rtp_of(t.ben.audio_ssrc()));
    // The channel is the same one as before.
    t.ann.send_text(R"({"colibriClass":"EndpointMessage","to":"bbbbbbbb","msgPayload":{}})");
    CHECK(t.call.until([&] { return t.ben.heard("EndpointMessage"); }));

    const auto next = t.ask_restart(t.ann);
    REQUIRE(next.transport.has_value());
    CHECK(next.transport->ice->ice_generation == 2u);
    CHECK(next.transport->ice->ufrag != answer.transport->ice->ufrag);
}

TEST_CASE("a second request before the client's answer is answered with the same credentials") {
    TwoPeople t;
    const auto first = t.ask_restart(t.ann);
    const auto second = t.ask_restart(t.ann);
    REQUIRE(first.transport.has_value());
    REQUIRE(second.transport.has_value());
    CHECK(second.transport->ice->ufrag == first.transport->ice->ufrag);
    CHECK(second.transport->ice->pwd == first.transport->ice->pwd);
    CHECK(second.transport->ice->ice_generation == 1u);
}

TEST_CASE("a request after the checks have begun gives new credentials and the next generation") {
    TwoPeople t;
    const auto first = t.ask_restart(t.ann);
    REQUIRE(first.transport.has_value());
    // Credentials of a client that is never heard from: the checks run and run.
    auto silent = t.ann.accept_request();
    silent.sources.reset();
    silent.transport->ice->ice_generation = 1;
    t.say(silent);
    const auto second = t.ask_restart(t.ann);
    REQUIRE(second.transport.has_value());
    CHECK(second.transport->ice->ufrag != first.transport->ice->ufrag);
    CHECK(second.transport->ice->ice_generation == 2u);
    CHECK(t.media_flows());
}

TEST_CASE("credentials with another generation, or with none, start no checks of a restart") {
    TwoPeople t;
    const auto answer = t.ask_restart(t.ann);
    REQUIRE(answer.transport.has_value());
    auto wrong = t.ann.accept_request();
    wrong.sources.reset();
    wrong.transport->ice->ice_generation = 7;
    t.say(wrong);
    wrong.transport->ice->ice_generation.reset();
    t.say(wrong);
    // Had either been taken, this would be another generation.
    CHECK(t.ask_restart(t.ann).transport->ice->ice_generation == 1u);
    CHECK(t.media_flows());
}

TEST_CASE("before ICE is established a restart is answered with the transport as it is") {
    Call call;
    TestClient& ann = call.join({.id = "aaaaaaaa"});
    const auto created = [&] {
        auto endpoint = ann.create_request();
        endpoint.id = "newcomer";
        return call.modify(Call::request(endpoint))->endpoints.at(0);
    }();
    auto ask = ann.restart_request();
    ask.id = "newcomer";
    const auto answer = call.modify(Call::request(ask));
    REQUIRE(answer.has_value());
    const auto& ice = answer->endpoints.at(0).transport->ice;
    CHECK(ice->ufrag == created.transport->ice->ufrag);
    CHECK(ice->pwd == created.transport->ice->pwd);
    CHECK_FALSE(ice->ice_generation.has_value());
}

TEST_CASE("restarts that are switched off are answered without a transport") {
    auto config = Call::local_config();
    config.ice_restart_timeout = seconds(0);
    Call call(config);
    TestClient& ann = call.join({.id = "aaaaaaaa"});
    const auto answer = call.modify(Call::request(ann.restart_request()));
    REQUIRE(answer.has_value());
    CHECK_FALSE(answer->endpoints.at(0).transport.has_value());
}

TEST_CASE("a restart of nobody is refused as any update of nobody") {
    Call call;
    TestClient& ann = call.join({.id = "aaaaaaaa"});
    auto ask = ann.restart_request();
    ask.id = "nobody";
    const auto answer = call.modify(Call::request(ask));
    REQUIRE(answer.has_error());
    CHECK(answer.error().reason == "unknown_endpoint");
}

TEST_CASE("a client on a new port is heard and reached again by an ICE restart") {
    TwoPeople t;
    REQUIRE(t.media_flows());
    t.ann.change_port();
    const auto answer = t.ask_restart(t.ann);
    REQUIRE(answer.transport.has_value());
    t.say(t.ann.on_restart(answer, Clock::now()));
    CHECK(t.media_flows());
}

TEST_CASE("a client whose translator gives it another port is followed without any signalling") {
    TwoPeople t;
    REQUIRE(t.media_flows());
    t.ann.change_port();
    CHECK(t.media_flows());
}

TEST_CASE("two clients whose ports are exchanged are both found again") {
    TwoPeople t;
    REQUIRE(t.media_flows());
    t.ann.exchange_ports(t.ben);
    CHECK(t.media_flows());
}
