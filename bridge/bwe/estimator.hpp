// The bandwidth from this bridge to one receiver: what an estimator hears and says.
//
// One per endpoint, on its media worker. Feedback and a time point in, bits per second and orders
// for padding out; an estimator has no clock and sends nothing. estimate() is empty when the
// receiver promises and gives no feedback at all: bandwidth then counts as unlimited.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "bridge/bwe/probe.hpp"
#include "bridge/bwe/sent_packets.hpp"

namespace jmeet::bridge {

// A full packet of video.
inline constexpr std::int64_t kPacketBits = 1'200 * 8;

struct EstimatorConfig {
    std::int64_t initial_bps = 2'500'000;
    std::int64_t min_bps = 30'000;
    std::int64_t max_bps = 20'000'000;
};

class BandwidthEstimator {
 public:
    virtual ~BandwidthEstimator() = default;

    // The receiver has agreed to transport-wide feedback: the initial rate is trusted until it
    // speaks.
    virtual void on_negotiated() = 0;

    virtual void on_transport_feedback(std::span<const PacketResult> packets, TimePoint now) = 0;
    // Packets expected and lost since the last report, summed over report blocks.
    virtual void on_loss_report(std::uint32_t expected, std::uint32_t lost, TimePoint now) = 0;
    virtual void on_remb(std::int64_t bps, TimePoint now) = 0;
    virtual void on_rtt(Duration rtt) = 0;
    // What was numbered and sent since the last call; at least every 25 ms while media flows.
    virtual void on_sent(const SentBytes&, TimePoint) {}
    // The allocation: bits per second of what is forwarded, and of everything that is wanted.
    virtual void on_allocation(std::int64_t, std::int64_t) {}
    // Every 25 ms.
    virtual void on_time(TimePoint now) = 0;

    virtual std::optional<std::int64_t> estimate() const = 0;

    // What to send beside the media. Ask at next_padding() or some milliseconds later, then say
    // how many bytes went out: packets have their own sizes.
    virtual PaddingOrder padding(TimePoint) { return {}; }
    virtual void on_padding_sent(const PaddingOrder&, std::size_t) {}
    virtual TimePoint next_padding() const { return TimePoint::max(); }
};

}  // namespace jmeet::bridge
