// The packet path must not allocate after warm-up: every allocation of this program is counted.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "bridge/receive/keyframe_requester.hpp"
#include "bridge/receive/rr_generator.hpp"
#include "bridge/receive/stream.hpp"
#include "bridge/receive/transport_cc_receiver.hpp"
#include "tests/bridge/receive/packets.hpp"
#include "tests/bridge/rtp/hex.hpp"

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size ? size : 1)) return p;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("ten thousand packets with loss, repair, padding and feedback allocate nothing") {
    PacketPool pool(2048, 256);
    pool.warm_up(1024);
    VideoStream stream(Encoding{Ssrc(1), Ssrc(2)}, 0);
    TransportCcReceiver transport_cc;
    KeyframeRequester keyframes;
    RrGenerator reports;
    StreamStatistics* const streams[] = {&stream.statistics()};
    const PayloadFormat vp8{100, Codec::vp8, 90'000, {}, true, true, true, true, false};
    const PayloadFormat rtx{96, Codec::rtx, 90'000, 100, false, false, false, false, false};
    const auto payload = from_hex("90e0923456a011");
    std::array<std::uint8_t, 1500> out;

    std::size_t forwarded = 0;
    std::size_t feedback = 0;
    std::size_t requests = 0;
    std::uint16_t rtx_seq = 0;
    const auto feed = [&](PacketPtr packet, const PayloadFormat& format, TimePoint now) {
        RtpPacket view = *RtpPacket::parse(packet.view());
        FrameInfo frame;
        if (stream.on_packet(packet, view, {&format, &vp8, 0}, frame, now) ==
            ReceiveVerdict::forward) {
            ++forwarded;
            stream.history().insert(std::move(packet));
        }
    };
    std::size_t before = 0;
    for (int i = 0; i < 20'000; ++i) {
        // The first ten seconds are warm-up: rings grow to three seconds of this stream.
        if (i == 10'000) before = allocations;
        const TimePoint now = at_ms(i);
        const RtpHeader header{i % 3 == 0, 100, static_cast<std::uint16_t>(i), 0, Ssrc(1), {}};
        if (transport_cc.on_packet(header.seq, Ssrc(1), header.marker, now)) {
            feedback += transport_cc.write_feedback(Ssrc(9), now, out) > 0;
        }
        if (i % 10 == 4) {
            feed(make_padding(pool, header, now), vp8, now);
        } else if (i % 10 == 7) {
            PacketPtr original = make_packet(pool, header, payload, now);
            PacketPtr repair = pool.take();
            repair.set_size(write_rtx(*RtpPacket::parse(original.view()), {96, Ssrc(2), ++rtx_seq},
                                      {}, repair.block()));
            repair.set_arrival(now);
            feed(std::move(repair), rtx, now);
        } else if (i % 10 != 9) {
            feed(make_packet(pool, header, payload, now), vp8, now);
        }
        requests += stream.write_nack(Ssrc(9), now, out) > 0;
        keyframes.request(static_cast<RequesterId>(1 + i % 7), Ssrc(1), now);
        if (reports.due(now)) reports.write(Ssrc(9), streams, now, out);
        if (i % 100 == 0) stream.update(now);
    }
    CHECK(allocations == before);
    CHECK(forwarded == 16'000);
    CHECK(feedback > 300);
    CHECK(requests > 900);
}
