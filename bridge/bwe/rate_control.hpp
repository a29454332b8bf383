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
    void on_overuse(std::int64_t acked_bps, TimePoint now);
    void on_probe(std::int64_t bps) { add(bps, 0.5); }
    void forget() { kbps_.reset(); }
    bool known() const { return kbps_.has_value(); }
    double bps() const { return *kbps_ * 1'000; }
    double upper_bps() const;
    double lower_bps() const;
    // Not if it was much more a while ago: then it is others who leave less, or the link may
    // become better again.
    bool stable(TimePoint now) const;

 private:
    void add(std::int64_t bps, double weight);
    double deviation() const;
    std::optional<double> kbps_;
    double variance_ = 0.4;  // relative to the mean
    std::int64_t highest_ = 0;
    TimePoint highest_at_;
};

class RateControl {
 public:
    static constexpr double kBackOff = 0.85;

    explicit RateControl(const EstimatorConfig& config)
        : config_(config), rate_(config.initial_bps) {}

    struct Grip {
        double back_off = kBackOff;  // what is kept of the acknowledged rate on overuse
        double least = 0;            // one decrease leaves at least so much of the rate
        double most = 1;             // and at most so much
        double growth = 1;           // of what is usual; 0 holds the rate
        bool urgent = false;         // no time to see what the last decrease did
        bool careful = false;        // trains will tell when the link carries more than is known
    };
    std::int64_t update(LinkUse use, std::optional<std::int64_t> acked_bps, TimePoint now) {
        return update(use, acked_bps, now, Grip{});
    }
    std::int64_t update(LinkUse use, std::optional<std::int64_t> acked_bps, TimePoint now,
                        const Grip& grip);
    void on_rtt(Duration rtt) { rtt_ = rtt; }
    // A train of packets came through at this rate. Never lowers: a train is short, others' bursts
    // are too.
    std::int64_t on_probe(std::int64_t bps, TimePoint now);
    // The queue that made it fall is gone: back to what the link carried then.
    void restore(std::int64_t bps, TimePoint now);
    // Decided elsewhere: a queue that is not ours.
    void set(std::int64_t bps, TimePoint now);
    // The receiver is silent while packets are sent.
    std::int64_t on_silence();
    std::int64_t rate() const { return rate_; }
    // bps per second, close to the capacity.
    double near_max_increase() const;

 private:
    enum class State : std::uint8_t { hold, increase, decrease };
    void increase(std::optional<std::int64_t> acked, const Grip& grip, TimePoint now);
    void decrease(std::optional<std::int64_t> acked, const Grip& grip, TimePoint now);
    double caution(TimePoint now) const;
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
