// The loss rule: up to 2 % lost packets let the rate grow by 8 % a second, above 10 % it falls by
// half of the loss, in between it stays.
//
// One per estimator; no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "bridge/bwe/estimator.hpp"

namespace jmeet::bridge {

class LossControl {
 public:
    explicit LossControl(const EstimatorConfig& config)
        : config_(config), rate_(config.initial_bps) {}

    // Packets whose fate is known now, and how many of them were lost (late arrivals count
    // negative).
    void on_packets(std::int64_t expected, std::int64_t lost, TimePoint now);
    void on_rtt(Duration rtt) { rtt_ = rtt; }
    // Never above `limit`: what the delay allows.
    std::int64_t update(std::int64_t limit, TimePoint now);
    std::int64_t rate() const { return rate_; }
    double loss() const { return loss_; }

 private:
    EstimatorConfig config_;
    std::int64_t rate_;
    Duration rtt_ = milliseconds(200);
    std::int64_t expected_ = 0;
    std::int64_t lost_ = 0;
    double loss_ = 0;
    std::optional<TimePoint> window_start_;
    std::optional<TimePoint> last_report_;
    std::optional<TimePoint> last_decrease_;
    std::optional<TimePoint> last_growth_;
};

}  // namespace jmeet::bridge
