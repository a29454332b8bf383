#include "bridge/bwe/feedback_estimator.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr seconds kLongGap{2};

}  // namespace

FeedbackEstimator::FeedbackEstimator(const EstimatorConfig& config)
    : config_(config), rate_(config), loss_(config) {}

void FeedbackEstimator::on_negotiated() {
    if (!estimate_) estimate_ = config_.initial_bps;
}

void FeedbackEstimator::on_transport_feedback(std::span<const PacketResult> packets,
                                              TimePoint now) {
    if (last_feedback_ && now - *last_feedback_ > kLongGap) trend_.reset();
    last_feedback_ = now;
    std::int64_t expected = 0;
    std::int64_t lost = 0;
    LinkUse use = LinkUse::normal;
    for (const PacketResult& p : packets) {
        if (!p.received()) {
            ++expected;
            ++lost;
            continue;
        }
        // Reported lost before and here now: it was only late.
        p.lost_before ? --lost : ++expected;
        acked_.on_received(p);
        trend_.on_received(p, now);
        // An overuse in the middle of a feedback must not be overlooked at its end.
        if (trend_.hypothesis() == LinkUse::over) use = LinkUse::over;
    }
    if (use != LinkUse::over) use = trend_.hypothesis();
    if (packets.empty()) return;
    loss_.on_packets(expected, lost, now);
    rate_.update(use, acked_.bps(), now);
    estimate_ = loss_.update(rate_.rate(), now);
}

void FeedbackEstimator::on_loss_report(std::uint32_t expected, std::uint32_t lost, TimePoint now) {
    if (!last_feedback_) loss_.on_packets(expected, lost, now);
}

void FeedbackEstimator::on_remb(std::int64_t bps, TimePoint) {
    if (!last_feedback_) estimate_ = std::clamp(bps, config_.min_bps, config_.max_bps);
}

void FeedbackEstimator::on_rtt(Duration rtt) {
    rate_.on_rtt(rtt);
    loss_.on_rtt(rtt);
}

void FeedbackEstimator::on_time(TimePoint now) {
    // Losses keep counting between feedback packets; a receiver that has gone silent keeps the
    // last word.
    if (last_feedback_ && now - *last_feedback_ <= kLongGap) {
        estimate_ = loss_.update(rate_.rate(), now);
    }
}

}  // namespace jmeet::bridge
