// What a change of speaker asks of the sender, over loopback with real ICE, DTLS and SRTP.
#include <doctest/doctest.h>

#include "tests/bridge/client_shorthands.hpp"
#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

TEST_CASE("a new speaker is asked for a key frame while somebody has a camera on stage") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto& c = call.join(options("cccccccc", 3000));
    const auto speaks = [&](const TestClient& who) {
        return c.heard(R"("dominantSpeakerEndpoint":")" + who.id() + '"');
    };
    // Both are quiet: one of them counts as the speaker, and both have a floor.
    int quiet = 0;
    REQUIRE(call.until_doing([&] { return quiet > 20 && (speaks(a) || speaks(b)); },
                             [&] {
                                 ++quiet;
                                 a.send_audio(120, Clock::now());
                                 b.send_audio(120, Clock::now());
                             },
                             seconds(10)));
    TestClient& before = speaks(a) ? a : b;
    TestClient& next = speaks(a) ? b : a;
    c.send_text(R"({"colibriClass":"ReceiverVideoConstraints","onStageSources":[")" + before.id() +
                R"(-v0"],"defaultConstraints":{"maxHeight":0},"constraints":{")" + before.id() +
                R"(-v0":{"maxHeight":720}}})");
    REQUIRE(call.until([&] { return before.heard(R"("maxHeight":720)"); }));
    CHECK(count_plis(next) == 0);
    CHECK(call.until_doing(
        [&] { return count_plis(next) > 0; },
        [&] {
            before.send_audio(120, Clock::now());
            next.send_audio(5, Clock::now());
        },
        seconds(10)));
}
