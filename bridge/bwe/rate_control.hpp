// Additive increase, multiplicative decrease on what DelayTrend says: near the known capacity of
// the link slowly, else by 8 % a second, and never much faster than what is acknowledged.
//
// One per estimator; no allocation.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "bridge/bwe/delay_trend.hpp"
#include "bridge/bwe/estimator.hpp"

namespace jmeet::bridge {

// What the link carried when it was full: mean and deviation, in kbps.
class LinkCapacity {
 public:
    void on_overuse(std::int64_t acked_bps) { add(acked_bps, 0.05); }
    void on_probe(std::int64_t bps) { add(bps, 0.5); }
    void forget() { kbps_.reset(); }
    bool known() const { return kbps_.has_value(); }
    double bps() const { return *kbps_ * 1'000; }
    double upper_bps() const;
    double lower_bps() const;

 private:
    void add(std::int64_t bps, double weight);
    double deviation() const;
    std::optional<double> kbps_;
    double variance_ = 0.4;  // relative to the mean
};

class RateControl {
 public:
    static constexpr double kBackOff = 0.85;

    explicit RateControl(const EstimatorConfig& config)
        : config_(config), rate_(config.initial_bps) {}

    // `back_off`: what is kept of the acknowledged rate when the link is overused.
    std::int64_t update(LinkUse use, std::optional<std::int64_t> acked_bps, TimePoint now,
                        double back_off = kBackOff);
    void on_rtt(Duration rtt) { rtt_ = rtt; }
    // A train of packets came through at this rate. Never lowers: a train is short, others' bursts
    // are too.
    std::int64_t on_probe(std::int64_t bps, TimePoint now);
    // Decided elsewhere: a queue that is not ours.
    void set(std::int64_t bps, TimePoint now);
    // The receiver is silent while packets are sent.
    std::int64_t on_silence();
    std::int64_t rate() const { return rate_; }
    // bps per second, close to the capacity.
    double near_max_increase() const;

 private:
    enum class State : std::uint8_t { hold, increase, decrease };
    void increase(std::optional<std::int64_t> acked, TimePoint now);
    void decrease(std::optional<std::int64_t> acked, double back_off, TimePoint now);
    bool may_decrease_again(std::optional<std::int64_t> acked, TimePoint now) const;

    EstimatorConfig config_;
    std::int64_t rate_;
    State state_ = State::hold;
    LinkCapacity capacity_;
    Duration rtt_ = milliseconds(200);
    std::optional<TimePoint> last_change_;
    std::optional<TimePoint> last_decrease_;
};

}  // namespace jmeet::bridge
