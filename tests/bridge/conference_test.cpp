// Conferences over loopback with real ICE, DTLS, SRTP and data channels.
#include <doctest/doctest.h>

#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/receiver_report.hpp"
#include "bridge/rtp/rtcp/sender_report.hpp"
#include "bridge/rtp/rtcp/transport_cc.hpp"
#include "tests/bridge/client_shorthands.hpp"
#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

TEST_CASE("audio of each goes to the others, on its own SSRC, without a gap") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto& c = call.join(options("cccccccc", 3000));
    const bool heard = call.until_doing(
        [&] {
            return a.rtp_of(b.audio_ssrc()).size() >= 20 && b.rtp_of(a.audio_ssrc()).size() >= 20 &&
                   c.rtp_of(a.audio_ssrc()).size() >= 20 && c.rtp_of(b.audio_ssrc()).size() >= 20;
        },
        [&] {
            a.send_audio(20, Clock::now());
            b.send_audio(30, Clock::now());
        });
    REQUIRE(heard);
    CHECK(a.rtp_of(a.audio_ssrc()).empty());
    const auto packets = c.rtp_of(a.audio_ssrc());
    for (std::size_t i = 1; i < packets.size(); ++i) {
        CHECK(packets[i].view().seq() ==
              static_cast<std::uint16_t>(packets[i - 1].view().seq() + 1));
    }
    const auto level = packets[0].view().find_extension(TestClient::kLevelId);
    REQUIRE(level.has_value());
    CHECK(((*level)[0] & 0x7f) == 20);
    CHECK(packets[0].view().payload().size() == 80);
}

TEST_CASE("silence costs nothing after four packets, and leaves no gap") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    int sent = 0;
    REQUIRE(call.until_doing([&] { return sent > 30; },
                             [&] {
                                 ++sent;
                                 a.send_audio(127, Clock::now());
                             }));
    CHECK(b.rtp_of(a.audio_ssrc()).size() == 4);
    REQUIRE(call.until_doing([&] { return b.rtp_of(a.audio_ssrc()).size() >= 6; },
                             [&] { a.send_audio(25, Clock::now()); }));
    const auto packets = b.rtp_of(a.audio_ssrc());
    CHECK(packets[4].view().seq() == static_cast<std::uint16_t>(packets[3].view().seq() + 1));
}

TEST_CASE("an SSRC that was not signalled is not forwarded") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto accept = a.accept_request();
    accept.transport.reset();
    accept.sources->clear();
    REQUIRE(call.modify(call.request(accept)).has_value());
    int sent = 0;
    REQUIRE(call.until_doing([&] { return sent > 15; },
                             [&] {
                                 ++sent;
                                 a.send_audio(20, Clock::now());
                                 a.send_video(0, TestClient::Frame::key, 500, Clock::now());
                             }));
    CHECK(b.rtp_count == 0);
}

TEST_CASE("a sender gets receiver reports and transport-cc feedback") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    call.join(options("bbbbbbbb", 2000));
    REQUIRE(call.until_doing(
        [&] {
            return count_rtcp(a, rtcp::kReceiverReport) > 1 &&
                   count_rtcp(a, rtcp::kTransportFeedback, rtcp::kFmtTransportCc) > 2;
        },
        [&] {
            a.send_audio(30, Clock::now());
            a.send_video(0, TestClient::Frame::key, 500, Clock::now());
        }));
}

TEST_CASE("forced mute drops media, and lifting it lets it flow again") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    const auto speak = [&] { a.send_audio(20, Clock::now()); };
    REQUIRE(call.until_doing([&] { return b.rtp_count > 5; }, speak));
    xmpp::colibri2::Endpoint mute;
    mute.id = a.id();
    mute.force_mute = xmpp::colibri2::ForceMute{true, true};
    REQUIRE(call.modify(call.request(mute)).has_value());
    call.run_for(milliseconds(50));
    const auto before = b.rtp_count;
    int sent = 0;
    REQUIRE(call.until_doing([&] { return sent > 10; }, [&] {
        ++sent;
        speak();
    }));
    CHECK(b.rtp_count == before);
    mute.force_mute = xmpp::colibri2::ForceMute{};
    REQUIRE(call.modify(call.request(mute)).has_value());
    CHECK(call.until_doing([&] { return b.rtp_count > before + 3; }, speak));
}

TEST_CASE("messages go to whom they are meant for, signed with the sender's id") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto& c = call.join(options("cccccccc", 3000));
    a.send_text(R"({"colibriClass":"EndpointMessage","to":"","from":"mallory","msgPayload":{"x":1}})");
    a.send_text(R"({"colibriClass":"EndpointMessage","to":"bbbbbbbb","msgPayload":{"x":2}})");
    REQUIRE(call.until([&] { return b.heard(R"("x":2)") && c.heard(R"("x":1)"); }));
    CHECK(b.heard(R"("from":"aaaaaaaa")"));
    CHECK_FALSE(b.heard("mallory"));
    CHECK_FALSE(c.heard(R"("x":2)"));
    CHECK_FALSE(a.heard(R"("x":1)"));
}

TEST_CASE("a client that says hello is greeted, nonsense is ignored") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    a.send_text("{]");
    a.send_text(R"({"colibriClass":"NoSuchClass"})");
    a.send_text(R"({"colibriClass":"ClientHello"})");
    CHECK(call.until([&] { return a.heard("ServerHello"); }));
}

TEST_CASE("who speaks becomes the dominant speaker") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    REQUIRE(call.until_doing(
        [&] { return a.heard(R"("dominantSpeakerEndpoint":"bbbbbbbb")"); },
        [&] {
            a.send_audio(120, Clock::now());
            b.send_audio(5, Clock::now());
        },
        seconds(10)));
}

TEST_CASE("who leaves is not sent to any more, and its sources are gone from the lists") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    b.send_text(kWant180);
    REQUIRE(call.until([&] { return b.heard(R"("forwardedSources":["aaaaaaaa-v0"])"); }));
    xmpp::colibri2::Endpoint leave;
    leave.id = a.id();
    leave.expire = true;
    b.texts.clear();
    REQUIRE(call.modify(call.request(leave)).has_value());
    CHECK(call.until([&] { return b.heard(R"("forwardedSources":[])"); }));
    call.drop(a);
    auto& again = call.join(options("aaaaaaaa", 1000));
    CHECK(call.until_doing([&] { return b.rtp_count > 3; },
                           [&] { again.send_audio(20, Clock::now()); }));
}

TEST_CASE("an endpoint that falls silent is expired, and the focus learns it from its next update") {
    auto config = Call::local_config();
    // Long enough that a busy machine does not silence the other one as well.
    config.endpoint_timeout = seconds(4);
    Call call(config);
    auto& a = call.join(options("aaaaaaaa", 1000));
    call.join(options("bbbbbbbb", 2000));
    a.go_silent();
    REQUIRE(call.until(
        [&] {
            const auto refused = call.modify(call.request(a.accept_request()));
            return refused.has_error() && refused.error().reason == "unknown_endpoint";
        },
        seconds(40)));
}

TEST_CASE("a sender report arrives with our counts, so that a receiver can sync lips") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    REQUIRE(call.until_doing([&] { return b.rtp_count > 5; },
                             [&] { a.send_audio(20, Clock::now()); }));
    rtcp::SenderReport report;
    report.sender = a.audio_ssrc();
    report.ntp = 0x1122334455667788;
    report.rtp_timestamp = 4711;
    report.packet_count = 9999;
    std::array<std::uint8_t, 64> block;
    const auto size = report.write(block);
    a.send_rtcp(BytesView(block).first(size));
    REQUIRE(call.until([&] { return count_rtcp(b, rtcp::kSenderReport) == 1; }));
    for (const auto& compound : b.rtcp) {
        rtcp::CompoundReader reader(compound);
        while (const auto packet = reader.next()) {
            if (packet->type != rtcp::kSenderReport) continue;
            const auto got = rtcp::SenderReport::parse(*packet);
            REQUIRE(got.has_value());
            CHECK(got->sender == a.audio_ssrc());
            CHECK(got->ntp == report.ntp);
            CHECK(got->packet_count == b.rtp_count);
        }
    }
}
