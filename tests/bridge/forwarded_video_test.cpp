// Video from one to another over loopback with real ICE, DTLS, SRTP and data channels.
#include <doctest/doctest.h>

#include <set>

#include "bridge/rtp/codecs/vp8.hpp"
#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/nack.hpp"
#include "bridge/rtp/rtcp/pli.hpp"
#include "tests/bridge/client_shorthands.hpp"
#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

constexpr char kWant720[] =
    R"({"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":720}})";
constexpr char kWantNothing[] =
    R"({"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":0}})";

}  // namespace

TEST_CASE("video flows when it is asked for, from a key frame on, and stops when not") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    const auto delta = [&] { a.send_video(0, TestClient::Frame::delta, 700, Clock::now()); };
    int sent = 0;
    REQUIRE(call.until_doing([&] { return sent > 10; }, [&] {
        ++sent;
        delta();
    }));
    CHECK(b.rtp_of(a.video_ssrc()).empty());

    b.send_text(kWant180);
    REQUIRE(call.until_doing([&] { return count_rtcp(a, rtcp::kPayloadFeedback) > 0; }, delta));
    CHECK(b.rtp_of(a.video_ssrc()).empty());
    CHECK(b.heard(R"("forwardedSources":["aaaaaaaa-v0"])"));
    CHECK(a.heard(R"("maxHeight":180)"));

    a.send_video(0, TestClient::Frame::key, 1000, Clock::now());
    REQUIRE(call.until_doing([&] { return b.rtp_of(a.video_ssrc()).size() >= 10; }, delta));
    const auto packets = b.rtp_of(a.video_ssrc());
    const auto first = Vp8Descriptor::parse(packets[0].view().payload());
    REQUIRE(first.has_value());
    CHECK(first->starts_keyframe);
    for (std::size_t i = 1; i < packets.size(); ++i) {
        CHECK(packets[i].view().seq() ==
              static_cast<std::uint16_t>(packets[i - 1].view().seq() + 1));
    }
    // The bridge's own transport-wide number, from 1.
    const auto seq = find_transport_seq(packets[0].view(), TestClient::kTransportSeqId);
    REQUIRE(seq.has_value());
    CHECK(*seq == 1);

    b.send_text(kWantNothing);
    REQUIRE(call.until([&] { return a.heard(R"("maxHeight":0)"); }));
    call.run_for(milliseconds(50));
    const auto before = b.rtp_count;
    sent = 0;
    REQUIRE(call.until_doing([&] { return sent > 10; }, [&] {
        ++sent;
        delta();
    }));
    CHECK(b.rtp_count == before);
}

TEST_CASE("what a receiver lost is sent again as RTX from the shared history") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    b.send_text(kWant180);
    bool first = true;
    REQUIRE(call.until_doing([&] { return b.rtp_of(a.video_ssrc()).size() >= 20; }, [&] {
        a.send_video(0, first ? TestClient::Frame::key : TestClient::Frame::delta, 700,
                     Clock::now());
        if (b.heard("aaaaaaaa-v0")) first = b.rtp_of(a.video_ssrc()).empty();
    }));
    const auto packets = b.rtp_of(a.video_ssrc());
    const auto lost = packets[packets.size() - 5].view();
    const std::array<std::uint16_t, 1> numbers{lost.seq()};
    std::array<std::uint8_t, 100> block;
    const auto size = rtcp::write_nack(Ssrc(7), a.video_ssrc(), numbers, block);
    REQUIRE(size > 0);
    b.send_rtcp(BytesView(block).first(size));
    REQUIRE(call.until([&] { return !b.rtp_of(a.rtx_ssrc()).empty(); }));
    const auto resent = b.rtp_of(a.rtx_ssrc());
    const auto again = resent[0].view();
    CHECK(again.pt() == TestClient::kRtx);
    CHECK(load_be16(again.payload().data()) == lost.seq());
    CHECK(again.timestamp() == lost.timestamp());
    const auto rest = again.payload().subspan(2);
    CHECK(std::equal(rest.begin(), rest.end(), lost.payload().begin(), lost.payload().end()));
}

TEST_CASE("what the bridge did not get it asks the sender for") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    call.join(options("bbbbbbbb", 2000));
    int n = 0;
    REQUIRE(call.until_doing(
        [&] { return count_rtcp(a, rtcp::kTransportFeedback, rtcp::kFmtNack) > 0; }, [&] {
            ++n;
            a.send_video(0, n == 1 ? TestClient::Frame::key : TestClient::Frame::delta, 500,
                         Clock::now(), n == 5 ? TestClient::Fate::lost : TestClient::Fate::sent);
        }));
    for (const auto& compound : a.rtcp) {
        rtcp::CompoundReader reader(compound);
        while (const auto packet = reader.next()) {
            if (packet->type != rtcp::kTransportFeedback || packet->count != rtcp::kFmtNack) continue;
            const auto nack = rtcp::Nack::parse(*packet);
            REQUIRE(nack.has_value());
            CHECK(nack->media == a.video_ssrc());
        }
    }
}

TEST_CASE("a key frame that a receiver asks for is asked of the sender") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    b.send_text(kWant180);
    REQUIRE(call.until_doing([&] { return b.rtp_of(a.video_ssrc()).size() >= 5; }, [&] {
        a.send_video(0, TestClient::Frame::key, 500, Clock::now());
    }));
    call.run_for(milliseconds(300));
    a.rtcp.clear();
    std::array<std::uint8_t, 32> block;
    const auto size = rtcp::Pli{Ssrc(7), a.video_ssrc()}.write(block);
    b.send_rtcp(BytesView(block).first(size));
    CHECK(call.until([&] { return count_rtcp(a, rtcp::kPayloadFeedback, rtcp::kFmtPli) == 1; }));
}

TEST_CASE("simulcast: the wanted height chooses the encoding, switched on key frames") {
    Call call;
    auto a_options = options("aaaaaaaa", 1000);
    a_options.video_encodings = 3;
    auto& a = call.join(a_options);
    auto& b = call.join(options("bbbbbbbb", 2000));
    int n = 0;
    const auto frames = [&] {
        const auto frame =
            n++ % 25 == 0 ? TestClient::Frame::key : TestClient::Frame::delta;
        for (int e = 0; e < 3; ++e) {
            a.send_video(e, frame, 200u + 300u * static_cast<unsigned>(e), Clock::now());
        }
    };
    const auto last_size = [&] {
        const auto packets = b.rtp_of(a.video_ssrc());
        return packets.empty() ? std::size_t{0} : packets.back().view().payload().size();
    };
    b.send_text(kWant180);
    REQUIRE(call.until_doing([&] { return b.rtp_of(a.video_ssrc()).size() > 10; }, frames));
    CHECK(last_size() == 200);
    b.send_text(kWant720);
    REQUIRE(call.until_doing([&] { return last_size() == 800; }, frames));
    CHECK(a.heard(R"("maxHeight":720)"));
    b.send_text(kWant180);
    REQUIRE(call.until_doing([&] { return last_size() == 200; }, frames));
    // One stream without a gap, whatever was switched.
    const auto packets = b.rtp_of(a.video_ssrc());
    std::set<std::uint32_t> ssrcs;
    for (const auto& p : b.rtp) ssrcs.insert(p.view().ssrc().value());
    CHECK(ssrcs.size() == 1);
    for (std::size_t i = 1; i < packets.size(); ++i) {
        CHECK(packets[i].view().seq() ==
              static_cast<std::uint16_t>(packets[i - 1].view().seq() + 1));
    }
}

TEST_CASE("with SSRC rewriting the maps name what comes before it comes") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto b_options = options("bbbbbbbb", 2000);
    b_options.ssrc_rewriting = true;
    auto& b = call.join(b_options);
    b.send_text(kWant180);
    bool mapped_first = true;
    REQUIRE(call.until_doing(
        [&] {
            if (b.rtp_count > 0 && !b.heard("SourcesMap")) mapped_first = false;
            std::set<std::uint32_t> ssrcs;
            for (const auto& p : b.rtp) ssrcs.insert(p.view().ssrc().value());
            return ssrcs.size() == 2 && b.rtp.size() > 20;
        },
        [&] {
            a.send_audio(20, Clock::now());
            a.send_video(0, TestClient::Frame::key, 500, Clock::now());
        }));
    CHECK(mapped_first);
    CHECK(b.heard("VideoSourcesMap"));
    CHECK(b.heard("AudioSourcesMap"));
    CHECK(b.rtp_of(a.audio_ssrc()).empty());
    CHECK(b.rtp_of(a.video_ssrc()).empty());
    for (const auto& p : b.rtp) {
        CHECK(b.heard("\"ssrc\":" + std::to_string(p.view().ssrc().value())));
    }
}

TEST_CASE("a camera that is muted is not forwarded, and is asked for again when it comes back") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    b.send_text(kWant180);
    REQUIRE(call.until([&] { return a.heard(R"("maxHeight":180)"); }));
    a.send_text(R"({"colibriClass":"SourceVideoTypeMessage","sourceName":"aaaaaaaa-v0","videoType":"none"})");
    REQUIRE(call.until([&] {
        return !b.texts.empty() && b.texts.back().find(R"("forwardedSources":[])") != std::string::npos;
    }));
    a.texts.clear();
    a.send_text(R"({"colibriClass":"SourceVideoTypeMessage","sourceName":"aaaaaaaa-v0","videoType":"camera"})");
    CHECK(call.until([&] { return a.heard(R"("maxHeight":180)"); }, seconds(1)));
}
