// When a receiver's allocation runs again, and how much bandwidth it may assume.
//
// One per receiver, on its media worker. Keeps the estimate that was last acted on: drifts below
// the threshold add up until they cross it, and are acted on at the latest by the regular run;
// else a layer that fits by little would wait for ever.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "bridge/allocation/config.hpp"
#include "bridge/allocation/receiver_settings.hpp"

namespace jmeet::bridge {

enum class RtxSupport : std::uint8_t { no, yes };

// Where the available bandwidth comes from.
enum class BandwidthRule : std::uint8_t {
    assumed,     // the receiver named it (assumedBandwidthBps)
    estimate,    // measured
    not_asked,   // unlimited: options say that the estimate is not trusted
    no_rtx,      // unlimited: the receiver takes no retransmissions, so it cannot be probed
    not_yet,     // unlimited: there is no estimate, or it is still ignored after the start
};

class AllocationTrigger {
 public:
    AllocationTrigger(const AllocationConfig& config, RtxSupport rtx, TimePoint now);

    void set_rtx_support(RtxSupport rtx) { rtx_ = rtx; }

    // True: differs from the last acted-on estimate by more than the threshold; run now.
    bool on_estimate(std::int64_t bps);
    // The first video packet to this receiver starts the period in which an estimate is ignored.
    void on_video_sent(TimePoint now);
    // After each run; the next one is due max_time_between_calculations later.
    void on_run(TimePoint now) {
        if (due(now)) estimate_ = latest_;
        last_run_ = now;
    }

    bool due(TimePoint now) const { return now >= next_run(); }
    TimePoint next_run() const { return last_run_ + config_.max_time_between_calculations; }

    // For allocate(): assumed bandwidth, else a trusted estimate, else unlimited.
    std::int64_t available(const ReceiverSettings& settings, TimePoint now) const;
    BandwidthRule rule(const ReceiverSettings& settings, TimePoint now) const;
    std::optional<std::int64_t> acted_on_estimate() const { return estimate_; }

 private:
    AllocationConfig config_;
    RtxSupport rtx_;
    std::optional<std::int64_t> estimate_;  // acted on
    std::optional<std::int64_t> latest_;
    std::optional<TimePoint> first_video_;
    TimePoint last_run_;
};

}  // namespace jmeet::bridge
