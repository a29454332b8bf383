// When to probe and how fast: at once and doubling while it succeeds, then now and then, and after
// a sudden fall to find the way back.
//
// One per estimator; no allocation. Only when the receiver wants more than the estimate allows:
// a train of packets that nobody needs is a burden on a narrow link. Never while a queue grows or
// while losses lower the rate.
#pragma once

#include <cstdint>
#include <optional>

#include "bridge/bwe/delay_trend.hpp"
#include "bridge/bwe/estimator.hpp"
#include "bridge/bwe/loss_model.hpp"

namespace jmeet::bridge {

class ProbeControl {
 public:
    explicit ProbeControl(const EstimatorConfig& config) : config_(config) {}

    struct View {
        std::int64_t estimate_bps = 0;
        std::int64_t wanted_bps = 0;
        std::int64_t acked_bps = 0;  // of the last second
        LinkUse use = LinkUse::normal;
        microseconds queue{};
        LossState loss = LossState::none;
    };
    // After each feedback.
    void on_estimate(const View& view, TimePoint now);
    // The rate to probe with now, if any; it counts as begun.
    std::optional<std::int64_t> wish(const View& view, TimePoint now);
    // A train measures the link, not what others leave of it, and not what a shaper gives in the
    // long run: how much of a rise to believe. Less after a rise that ended in a queue.
    std::int64_t believe(std::int64_t shown_bps, std::int64_t estimate_bps, TimePoint now) const;
    // What a train showed.
    void on_result(std::int64_t shown_bps, TimePoint now);

 private:
    bool quiet(const View& view, TimePoint now) const;
    std::optional<std::int64_t> choose(const View& view, TimePoint now);
    void fail();
    bool known_full(TimePoint now) const;

    EstimatorConfig config_;
    bool doubling_ = true;
    std::optional<TimePoint> trouble_;  // the last sign of a full link
    std::optional<TimePoint> full_;     // the last queue
    std::int64_t before_ = 0;           // the estimate when the last train began
    std::int64_t tried_ = 0;            // the highest estimate that lately had a train
    std::int64_t rate_ = 0;
    std::optional<TimePoint> awaited_until_;
    bool answered_ = false;
    double trust_ = 1;
    std::optional<TimePoint> raised_;
    Duration interval_ = kFirstInterval;
    std::optional<TimePoint> last_;

    std::int64_t high_ = 0;         // the estimate before a fall
    std::optional<TimePoint> fell_;
    int ways_back_ = 0;

    static constexpr seconds kFirstInterval{2};
};

}  // namespace jmeet::bridge
