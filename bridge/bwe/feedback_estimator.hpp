// The estimator: delay trend and loss of transport-wide feedback, or REMB where a receiver gives
// nothing else.
//
// One per endpoint, on its media worker; no allocation. Starts with the initial rate and trusts
// it; REMB is ignored as soon as transport-wide feedback is heard. Receiver reports count only
// without it, since it sees the same losses earlier.
#pragma once

#include <optional>

#include "bridge/bwe/acked_rate.hpp"
#include "bridge/bwe/delay_trend.hpp"
#include "bridge/bwe/estimator.hpp"
#include "bridge/bwe/loss_control.hpp"
#include "bridge/bwe/rate_control.hpp"

namespace jmeet::bridge {

class FeedbackEstimator final : public BandwidthEstimator {
 public:
    explicit FeedbackEstimator(const EstimatorConfig& config = {});

    void on_negotiated() override;
    void on_transport_feedback(std::span<const PacketResult> packets, TimePoint now) override;
    void on_loss_report(std::uint32_t expected, std::uint32_t lost, TimePoint now) override;
    void on_remb(std::int64_t bps, TimePoint now) override;
    void on_rtt(Duration rtt) override;
    void on_time(TimePoint now) override;
    std::optional<std::int64_t> estimate() const override { return estimate_; }

    LinkUse link_use() const { return trend_.hypothesis(); }
    double loss() const { return loss_.loss(); }
    std::optional<std::int64_t> acked_bps() const { return acked_.bps(); }

 private:
    EstimatorConfig config_;
    AckedRate acked_;
    DelayTrend trend_;
    RateControl rate_;
    LossControl loss_;
    std::optional<TimePoint> last_feedback_;
    std::optional<std::int64_t> estimate_;
};

}  // namespace jmeet::bridge
