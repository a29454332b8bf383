// An endpoint's life as the others see it: away and back, channels that come again, goodbyes.
#include <doctest/doctest.h>

#include "bridge/rtp/rtcp/bye.hpp"
#include "tests/bridge/client_shorthands.hpp"
#include "tests/bridge/recording_sink.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

std::string status(std::string_view id, std::string_view active) {
    return R"({"colibriClass":"EndpointConnectivityStatusChangeEvent","endpoint":")" +
           std::string(id) + R"(","active":")" + std::string(active) + R"("})";
}

}  // namespace

TEST_CASE("who falls silent is told to be away to everybody, and to be back when it is heard") {
    auto config = Call::local_config();
    config.max_inactivity = milliseconds(1'000);
    Call call(config);
    TestClient& ann = call.join({.id = "aaaaaaaa", .first_ssrc = 1000});
    TestClient& ben = call.join({.id = "bbbbbbbb", .first_ssrc = 2000});
    ann.go_silent();
    REQUIRE(call.until([&] { return ben.heard(status("aaaaaaaa", "false")); }, seconds(20)));
    ben.texts.clear();
    ann.come_back();
    REQUIRE(call.until([&] { return ben.heard(status("aaaaaaaa", "true")); }, seconds(20)));
    // Who is away hears it as well, when it can.
    CHECK(call.until([&] { return ann.heard(status("aaaaaaaa", "true")); }, seconds(20)));
}

TEST_CASE("a new channel is told who is away") {
    auto config = web_socket_config();
    config.max_inactivity = milliseconds(1'000);
    Call call(config);
    TestClient& ann = call.join({.id = "aaaaaaaa", .first_ssrc = 1000});
    TestClient& ben = call.join({.id = "bbbbbbbb", .first_ssrc = 2000});
    ann.go_silent();
    REQUIRE(call.until([&] { return ben.heard(status("aaaaaaaa", "false")); }, seconds(20)));

    xmpp::colibri2::Endpoint cyd;
    cyd.id = "cccccccc";
    cyd.create = true;
    cyd.transport.emplace();
    cyd.capabilities = {"source-names"};
    const auto answer = call.modify(Call::request(cyd));
    REQUIRE(answer.has_value());
    const ChannelUrl url(answer->endpoints[0]);
    RecordingSink sink;
    const auto channel = call.bridge().open_channel(url.path, url.password, sink);
    CHECK(call.until([&] { return sink.heard(status("aaaaaaaa", "false")); }));
    CHECK_FALSE(sink.heard(status("bbbbbbbb", "false")));
    call.bridge().channel_closed(channel);
}

TEST_CASE("a channel that opens again is told everything again, in Jitsi's order") {
    Call call(web_socket_config());
    TestClient& ann = call.join({.id = "aaaaaaaa", .ssrc_rewriting = true, .first_ssrc = 1000});
    TestClient& ben = call.join({.id = "bbbbbbbb", .ssrc_rewriting = true, .first_ssrc = 2000});
    ann.send_text(kWant180);
    ben.send_text(kWant180);
    // Until both see, hear, and one of them is dominant.
    const bool settled = call.until_doing(
        [&] {
            return ann.heard("VideoSourcesMap") && ann.heard("AudioSourcesMap") &&
                   ann.heard(R"(forwardedSources":["bbbbbbbb-v0"])") &&
                   ann.heard("SenderSourceConstraints") &&
                   ann.heard("DominantSpeakerEndpointChangeEvent");
        },
        [&] {
            const auto now = Clock::now();
            ben.send_audio(10, now);
            ben.send_video(0, TestClient::Frame::key, 300, now);
        },
        seconds(30));
    REQUIRE(settled);
    const ChannelUrl url(ann.created());
    const std::vector<std::string> everything = {
        "ServerHello",     "SenderSourceConstraints", "ForwardedSources",
        "VideoSourcesMap", "AudioSourcesMap",         "DominantSpeakerEndpointChangeEvent"};
    for (int time = 1; time <= 2; ++time) {
        CAPTURE(time);
        RecordingSink sink;
        const auto channel = call.bridge().open_channel(url.path, url.password, sink);
        REQUIRE(channel != 0);
        CHECK(call.until([&] { return sink.texts.size() >= everything.size(); }));
        auto heard = sink.classes();
        heard.resize(std::min(heard.size(), everything.size()));
        CHECK(heard == everything);
        CHECK(sink.heard("bbbbbbbb-v0"));
        CHECK(sink.heard("bbbbbbbb-a0"));
        call.bridge().channel_closed(channel);
    }
    // Without the WebSocket the data channel is used again.
    ann.texts.clear();
    ben.send_text(R"({"colibriClass":"EndpointMessage","to":"aaaaaaaa","msgPayload":{}})");
    CHECK(call.until([&] { return ann.heard("EndpointMessage"); }));
}

TEST_CASE("a client that answers passive gets its handshake from the bridge") {
    Call call;
    TestClient& ann = call.join({.id = "aaaaaaaa", .dtls_server = true, .first_ssrc = 1000});
    TestClient& ben = call.join({.id = "bbbbbbbb", .first_ssrc = 2000});
    CHECK(call.until_doing(
        [&] {
            return ann.rtp_of(ben.audio_ssrc()).size() > 5 &&
                   ben.rtp_of(ann.audio_ssrc()).size() > 5;
        },
        [&] {
            ann.send_audio(10, Clock::now());
            ben.send_audio(10, Clock::now());
        }));
    // As its transport says when it is asked for again.
    const auto answer = call.modify(Call::request(ann.restart_request()));
    REQUIRE(answer.has_value());
    CHECK(answer->endpoints[0].transport->ice->fingerprints.at(0).setup == "active");
}

TEST_CASE("a goodbye of a stream ends nothing: who leaves says so by signalling") {
    Call call;
    TestClient& ann = call.join({.id = "aaaaaaaa", .first_ssrc = 1000});
    TestClient& ben = call.join({.id = "bbbbbbbb", .first_ssrc = 2000});
    std::array<std::uint8_t, 64> block;
    rtcp::Bye bye;
    bye.sources.push_back(ann.audio_ssrc());
    ann.send_rtcp(BytesView(block).first(bye.write(block)));
    CHECK(call.until_doing([&] { return ben.rtp_of(ann.audio_ssrc()).size() > 5; },
                           [&] { ann.send_audio(10, Clock::now()); }));
    for (const auto& compound : ben.rtcp) {
        rtcp::CompoundReader reader(compound);
        while (const auto packet = reader.next()) CHECK(packet->type != rtcp::kBye);
    }
}

TEST_CASE("who opens no channel in time stays, and the operator can see it") {
    auto config = Call::local_config();
    config.channel_patience = seconds(0);
    Call call(config);
    TestClient& ann = call.join({.id = "aaaaaaaa", .sctp = false, .first_ssrc = 1000});
    TestClient& ben = call.join({.id = "bbbbbbbb", .sctp = false, .first_ssrc = 2000});
    const auto& counters = call.bridge().stats().media;
    CHECK(call.until([&] { return counters.endpoints_without_channel == 2; }, seconds(20)));
    CHECK(call.until_doing([&] { return ben.rtp_of(ann.audio_ssrc()).size() > 5; },
                           [&] { ann.send_audio(10, Clock::now()); }));
}
