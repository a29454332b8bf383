// Media that nobody agreed on, with keys that are right: SSRCs of others, payload types and
// extensions that were never negotiated, numbers that jump. What it costs, it costs its sender.
#include <doctest/doctest.h>

#include <array>

#include "bridge/rtp/rtcp/receiver_report.hpp"
#include "tests/bridge/client_shorthands.hpp"
#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

bool hears(Call& call, TestClient& listener, TestClient& talker, std::size_t packets = 10) {
    const auto before = listener.rtp_count;
    return call.until_doing([&] { return listener.rtp_count >= before + packets; },
                            [&] { talker.send_audio(20, Clock::now()); }, seconds(20));
}

}  // namespace

TEST_CASE("who takes another's SSRCs does not silence them by leaving") {
    for (const bool rewriting : {false, true}) {
        CAPTURE(rewriting);
        Call call;
        auto& ann = call.join(options("aaaaaaaa", 1000));
        auto& eve = call.join(options("eeeeeeee", 1000));
        auto listener = options("cccccccc", 3000);
        listener.ssrc_rewriting = rewriting;
        auto& cyd = call.join(listener);
        CHECK(hears(call, cyd, ann));
        CHECK(hears(call, cyd, eve));
        CHECK(hears(call, cyd, ann));
        xmpp::colibri2::Endpoint gone;
        gone.id = eve.id();
        gone.expire = true;
        REQUIRE(call.modify(call.request(gone)).has_value());
        call.drop(eve);
        CHECK(hears(call, cyd, ann));
    }
}

TEST_CASE("numbers that jump by half their range, and roll over, do not end a stream") {
    Call call;
    auto& ann = call.join(options("aaaaaaaa", 1000));
    auto& ben = call.join(options("bbbbbbbb", 2000));
    CHECK(hears(call, ben, ann));
    for (int i = 0; i < 5; ++i) {
        ann.skip_audio(0x7ff0);
        CHECK(hears(call, ben, ann));
    }
}

TEST_CASE("payload types, RTX and SSRCs that were never agreed on are dropped and counted") {
    Call call;
    auto& ann = call.join(options("aaaaaaaa", 1000));
    auto& ben = call.join(options("bbbbbbbb", 2000));
    const std::vector<std::uint8_t> payload(100, 0x90);
    const auto dropped = [&](DropReason reason) {
        return call.bridge().stats().media.drops[reason];
    };
    RtpHeader unknown_type;
    unknown_type.pt = 77;
    unknown_type.ssrc = ann.video_ssrc();
    RtpHeader unknown_ssrc;
    unknown_ssrc.pt = TestClient::kVp8;
    unknown_ssrc.ssrc = Ssrc(424'242);
    RtpHeader unknown_rtx = unknown_ssrc;
    unknown_rtx.pt = TestClient::kRtx;
    RtpHeader misplaced_rtx = unknown_rtx;
    misplaced_rtx.ssrc = ann.video_ssrc();
    std::uint16_t seq = 1;
    CHECK(call.until_doing(
        [&] {
            return dropped(DropReason::rtp_unknown_payload_type) >= 3 &&
                   dropped(DropReason::rtp_unknown_ssrc) >= 9;
        },
        [&] {
            for (auto* h : {&unknown_type, &unknown_ssrc, &unknown_rtx, &misplaced_rtx}) {
                h->seq = seq;
                ann.send_packet(*h, {}, payload);
            }
            ++seq;
        },
        seconds(20)));
    CHECK(ben.rtp_count == 0);
    CHECK(hears(call, ben, ann));
}

TEST_CASE("mid and rid that nobody negotiated choose nothing and go no further") {
    Call call;
    auto& ann = call.join(options("aaaaaaaa", 1000));
    auto& ben = call.join(options("bbbbbbbb", 2000));
    const std::vector<std::uint8_t> opus(60, 0x78);
    const std::array<std::uint8_t, 2> nonsense{'z', '9'};
    ExtensionList extensions;
    extensions.set(10, nonsense);  // where others have the mid
    extensions.set(4, nonsense);   // and the rid
    RtpHeader header;
    header.pt = TestClient::kOpus;
    header.ssrc = ann.audio_ssrc();
    header.seq = 7'000;
    REQUIRE(call.until_doing([&] { return ben.rtp_count >= 5; },
                             [&] {
                                 ++header.seq;
                                 header.timestamp += 960;
                                 ann.send_packet(header, extensions, opus);
                             }));
    for (const auto& packet : ben.rtp_of(ann.audio_ssrc())) {
        CHECK(packet.view().extension_count() == 0);
        CHECK(packet.view().payload().size() == 60);
    }
}

TEST_CASE("after reports on more streams than are kept, losses are still heard of") {
    Call call;
    auto& ann = call.join(options("aaaaaaaa", 1000));
    std::array<std::uint8_t, 64> block;
    const auto report = [&](Ssrc ssrc, std::uint32_t highest, std::int32_t lost) {
        rtcp::ReceiverReport r;
        r.sender = ann.audio_ssrc();
        r.blocks.push_back({});
        r.blocks.back().ssrc = ssrc;
        r.blocks.back().extended_highest_seq = highest;
        r.blocks.back().cumulative_lost = lost;
        ann.send_rtcp(BytesView(block).first(r.write(block)));
    };
    for (std::uint32_t i = 0; i < 2 * limits::kReportedSsrcs; ++i) report(Ssrc(10'000 + i), 100, 0);
    std::uint32_t round = 0;
    CHECK(call.until_doing(
        [&] { return call.bridge().stats().media.rtp_lost_outgoing >= 10; },
        [&] {
            ++round;
            report(Ssrc(5), 100 * round, static_cast<std::int32_t>(10 * round));
        },
        seconds(20)));
}
