#include "bridge/bwe/probing_estimator.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr seconds kForgetDelays{2};
constexpr seconds kSilence{3};
constexpr seconds kSilenceStep{1};
constexpr double kProbeFloor = 0.85;  // of what is acknowledged
// A queue of so much after an overuse is emptied at a lower rate, for so long at most: one that
// stays is made by others.
constexpr microseconds kBeginDrain = milliseconds(100);
constexpr microseconds kEndDrain = milliseconds(30);
constexpr seconds kMaxDrain{3};
constexpr double kDrain = 0.6;
constexpr microseconds kFullQueue = milliseconds(40);

}  // namespace

ProbingEstimator::ProbingEstimator(const EstimatorConfig& config)
    : config_(config), rate_(config), loss_(config), probe_control_(config) {}

LinkUse ProbingEstimator::read(std::span<const PacketResult> packets, TimePoint now) {
    LinkUse use = LinkUse::normal;
    probed_.reset();
    for (const PacketResult& p : packets) {
        if (!p.received()) continue;
        acked_.on_received(p);
        trend_.on_received(p, now);
        // An overuse in the middle of a feedback must not be overlooked at its end.
        if (trend_.hypothesis() == LinkUse::over) use = LinkUse::over;
        if (p.probe == kNoProbe) continue;
        if (const auto rate = probe_rate_.on_received(p)) probed_ = rate;
    }
    queue_.on_feedback(packets, now);
    return use == LinkUse::over ? use : trend_.hypothesis();
}

void ProbingEstimator::update_delay(LinkUse use, TimePoint now) {
    std::optional<std::int64_t> acked = acked_.bps();
    if (probed_ && use != LinkUse::over) {
        std::int64_t bps = *probed_;
        if (acked) {
            const auto floor = static_cast<std::int64_t>(kProbeFloor * static_cast<double>(*acked));
            bps = std::max(bps, std::min(rate_.rate(), floor));
        }
        rate_.on_probe(bps, now);
        probe_control_.on_result(bps, now);
        return;
    }
    if (use == LinkUse::over && queue_.now() > kFullQueue) {
        if (const auto recent = acked_.recent_bps(); recent && acked) {
            acked = std::min(*acked, *recent);
        }
    }
    rate_.update(use, acked, now);
}

double ProbingEstimator::drain(LinkUse use, TimePoint now) {
    if (!draining_since_ && use == LinkUse::over && queue_.now() > kBeginDrain) {
        draining_since_ = now;
    }
    if (!draining_since_) return 1;
    const bool emptied = queue_.now() < kEndDrain;
    if (emptied || now - *draining_since_ > kMaxDrain) draining_since_.reset();
    return draining_since_ ? kDrain : 1;
}

void ProbingEstimator::on_transport_feedback(std::span<const PacketResult> packets,
                                             TimePoint now) {
    if (packets.empty()) return;
    if (last_feedback_ && now - *last_feedback_ > kForgetDelays) {
        trend_.reset();
        queue_.reset();
    }
    last_feedback_ = now;
    use_ = read(packets, now);
    update_delay(use_, now);
    loss_.on_feedback(packets);
    const std::int64_t bps = loss_.update({acked_.bps(), rate_.rate(), limit_.limited()}, now);
    const double drained = static_cast<double>(bps) * drain(use_, now);
    estimate_ = std::clamp(static_cast<std::int64_t>(drained), config_.min_bps, config_.max_bps);
    probe_control_.on_estimate(view(), now);
}

void ProbingEstimator::on_remb(std::int64_t bps, TimePoint) {
    if (!last_feedback_) estimate_ = std::clamp(bps, config_.min_bps, config_.max_bps);
}

void ProbingEstimator::on_sent(const SentBytes& bytes, TimePoint now) {
    media_.add(bytes.media, now);
    limit_.on_sent(bytes.media + bytes.padding, estimate_.value_or(config_.initial_bps), now);
    if (bytes.media + bytes.padding != 0) last_sent_ = now;
}

void ProbingEstimator::on_allocation(std::int64_t target_bps, std::int64_t ideal_bps) {
    target_bps_ = target_bps;
    ideal_bps_ = ideal_bps;
}

void ProbingEstimator::on_time(TimePoint now) {
    if (!last_feedback_ || !last_sent_ || *last_sent_ - *last_feedback_ < kSilence) {
        last_silence_.reset();
        return;
    }
    if (last_silence_ && now - *last_silence_ < kSilenceStep) return;
    last_silence_ = now;
    estimate_ = std::min(*estimate_, rate_.on_silence());
}

ProbeControl::View ProbingEstimator::view() const {
    return {.estimate_bps = estimate_.value_or(config_.initial_bps),
            .wanted_bps = ideal_bps_,
            .use = use_,
            .queue = queue_.now(),
            .loss = loss_.state()};
}

PaddingOrder ProbingEstimator::padding(TimePoint now) {
    if (!last_feedback_ || !estimate_ || last_silence_) return {};
    if (!prober_.busy()) {
        if (const auto bps = probe_control_.wish(view(), now)) {
            probe_rate_.expect(prober_.start(*bps, now));
            ++probes_;
        }
    }
    if (prober_.busy()) {
        last_padding_ = now;
        return prober_.due(now);
    }
    if (now - last_padding_ < kPaddingPeriod) return {};
    last_padding_ = now;
    if (draining_since_ || use_ == LinkUse::over) return {};
    const auto media = std::max(target_bps_, static_cast<std::int64_t>(media_.bps(now)));
    return {padding_.bytes(ideal_bps_, media, estimate_, now), kNoProbe};
}

void ProbingEstimator::on_padding_sent(const PaddingOrder& order, std::size_t bytes) {
    if (order.probe != kNoProbe) return prober_.on_sent(order, bytes);
    padding_.on_surplus(static_cast<double>(bytes) - static_cast<double>(order.bytes));
}

TimePoint ProbingEstimator::next_padding() const {
    if (prober_.busy()) return prober_.next();
    if (!estimate_ || ideal_bps_ <= *estimate_) return TimePoint::max();
    return last_padding_ + kPaddingPeriod;
}

}  // namespace jmeet::bridge
