// The estimator: delay trend, loss model, probing and padding for receivers with transport-wide
// feedback; REMB where a receiver gives nothing else.
//
// One per endpoint, on its media worker; no allocation. Starts with the initial rate and trusts
// it. The delay decides (Google congestion control), the loss model may hold below it, trains of
// packets find what lies above; padding fills what the wanted layers leave of the estimate.
// Receiver reports are not used: feedback sees the same losses earlier.
#pragma once

#include <optional>

#include "bridge/bwe/acked_rate.hpp"
#include "bridge/bwe/application_limit.hpp"
#include "bridge/bwe/competition.hpp"
#include "bridge/bwe/delay_trend.hpp"
#include "bridge/bwe/estimator.hpp"
#include "bridge/bwe/loss_model.hpp"
#include "bridge/bwe/padding.hpp"
#include "bridge/bwe/probe_control.hpp"
#include "bridge/bwe/probe_rate.hpp"
#include "bridge/bwe/prober.hpp"
#include "bridge/bwe/queue_policy.hpp"
#include "bridge/bwe/rate_control.hpp"
#include "bridge/bwe/way_back.hpp"
#include "bridge/rtp/rate_meter.hpp"

namespace jmeet::bridge {

class ProbingEstimator final : public BandwidthEstimator {
 public:
    explicit ProbingEstimator(const EstimatorConfig& config = {});

    void on_negotiated() override;
    void on_transport_feedback(std::span<const PacketResult> packets, TimePoint now) override;
    void on_loss_report(std::uint32_t, std::uint32_t, TimePoint) override {}
    void on_remb(std::int64_t bps, TimePoint now) override;
    void on_rtt(Duration rtt) override;
    void on_sent(const SentBytes& bytes, TimePoint now) override;
    void on_allocation(std::int64_t target_bps, std::int64_t ideal_bps) override;
    void on_time(TimePoint now) override;
    std::optional<std::int64_t> estimate() const override { return estimate_; }
    PaddingOrder padding(TimePoint now) override;
    void on_padding_sent(const PaddingOrder& order, std::size_t bytes) override;
    TimePoint next_padding() const override;

    // For statistics and tests.
    std::int64_t delay_bps() const { return rate_.rate(); }
    LossState loss_state() const { return loss_.state(); }
    double loss() const { return loss_.average_loss(); }
    microseconds queue() const { return queue_.now(); }
    bool competing() const { return competition_.others(); }
    bool application_limited() const { return limit_.limited(); }
    std::uint64_t probes() const { return probes_; }

 private:
    LinkUse read(std::span<const PacketResult> packets, TimePoint now);
    bool behind_probe(const PacketResult& packet, TimePoint now);
    void update_delay(LinkUse use, std::optional<std::int64_t> acked, TimePoint now);
    void forget_answered_losses();
    bool compete(std::span<const PacketResult> packets, TimePoint now);
    std::int64_t with_lost(const AckedRate::Recent& recent) const;
    std::optional<std::int64_t> passing() const;
    QueuePolicy::Shadow shadow(std::span<const PacketResult> packets) const;
    microseconds packet_time() const;
    ProbeControl::View view(TimePoint now) const;
    bool congested(TimePoint now) const;
    PaddingOrder knock(TimePoint now);
    Duration knock_interval(TimePoint now) const;

    EstimatorConfig config_;
    AckedRate acked_;
    DelayTrend trend_;
    QueuePolicy queue_;
    WayBack way_back_;
    RateControl rate_;
    Competition competition_;
    Duration rtt_ = milliseconds(200);
    LossModel loss_;
    ApplicationLimit limit_;
    ProbeControl probe_control_;
    ProbeRate probe_rate_;
    Prober prober_;
    PaddingBudget padding_;
    RateMeter media_;
    std::optional<std::int64_t> probed_;  // by the feedback that is being read
    LinkUse use_ = LinkUse::normal;
    std::int64_t target_bps_ = 0;
    std::int64_t ideal_bps_ = 0;
    std::optional<TimePoint> last_feedback_;
    std::optional<TimePoint> last_sent_;
    std::optional<TimePoint> last_silence_;
    std::optional<TimePoint> first_knock_;
    bool overran_ = false;  // the queue was long, and has not been empty since
    std::optional<TimePoint> behind_probe_until_;
    TimePoint last_padding_;
    std::optional<std::int64_t> estimate_;
    std::uint64_t probes_ = 0;
};

}  // namespace jmeet::bridge
