// The way of a packet to one receiver takes no memory: judged, numbered, moved to its slot,
// written, remembered, and sent again.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "bridge/forward/retransmission_map.hpp"
#include "bridge/forward/ssrc_rewriter.hpp"
#include "tests/bridge/forward/streams.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size ? size : 1)) return p;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

TEST_CASE("forwarding a packet allocates nothing") {
    SsrcAllocator ssrcs(1);
    SsrcRewriter rewriter(MediaType::video, 50, MidDemux::on, ssrcs);
    const RewrittenSource source{Ssrc(1), SourceName("a-v0"), EndpointId("a"), VideoType::camera};
    rewriter.assign({&source, 1}, {});
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(0, 0, 1));
    RetransmissionMap sent;
    RtxSequence rtx_numbers;
    ExtensionIds ids;
    ids.set(Extension::transport_cc, 5);
    ids.set(Extension::mid, 10);
    std::array<std::uint8_t, 1'600> out;

    std::vector<TestPacket> packets;
    Vp8Sender sender(1, 0, 3);
    for (int i = 0; i < 300; ++i) {
        for (auto& p : sender.frame(i == 0, TimePoint{} + milliseconds(33) * i)) packets.push_back(std::move(p));
    }
    std::size_t before = 0;
    std::size_t forwarded = 0;
    std::size_t written = 0;
    for (const TestPacket& p : packets) {
        // The first half is warm-up: rings grow to three seconds of this stream.
        if (&p == &packets[packets.size() / 2]) before = allocations;
        Projected r = project(projection, p);
        if (!r.forwarded()) continue;
        const auto start = p.frame.starts_keyframe ? SsrcRewriter::Start::keyframe
                                                   : SsrcRewriter::Start::other;
        if (!rewriter.apply(Ssrc(1), start, p.arrival, r.out)) continue;
        ++forwarded;
        const RtpPacket rtp = p.rtp();
        Stamps stamps;
        stamps.mid = rewriter.mid_of(Ssrc(1));
        stamps.transport_seq = static_cast<std::uint16_t>(forwarded);
        written += write_forwarded(rtp, r.out, {ids, ids}, stamps, out) > 0;
        sent.insert(r.out, 0, p.seq(), p.arrival);
        const auto again = sent.take_for_resend(r.out.seq, std::nullopt, p.arrival);
        const RtxTarget target{96, *rewriter.rtx_of(Ssrc(1)), rtx_numbers.next()};
        written +=
            write_retransmission(rtp, again->rewrite, target, {ids, ids}, stamps, out) > 0;
    }
    const std::size_t during = allocations - before;
    CHECK(during == 0);
    CHECK(forwarded == 450);
    CHECK(written == 900);
}
