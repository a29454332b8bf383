#include "bridge/bwe/probing_estimator.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr seconds kForgetDelays{2};
constexpr seconds kSilence{3};
constexpr seconds kSilenceStep{1};
constexpr double kFewLosses = 0.01;
constexpr double kMostInherent = 0.10;
constexpr double kMostLost = 0.3;  // bytes for one that arrives
constexpr std::size_t kKnock = 250;
constexpr milliseconds kKnockInterval{50};
constexpr seconds kFirstKnocks{3};
constexpr seconds kStale{1};
constexpr milliseconds kProbeShadow{300};
constexpr milliseconds kWhole{300};  // of arrivals: enough frames to be a rate
constexpr std::size_t kFewPackets = 5;
// Where little is sent at all.
constexpr milliseconds kLonger{600};
constexpr std::size_t kFewest = 2;

}  // namespace

ProbingEstimator::ProbingEstimator(const EstimatorConfig& config)
    : config_(config), rate_(config), loss_(config), probe_control_(config) {}

// A train makes a queue of its own; the trend goes on when that is gone.
bool ProbingEstimator::behind_probe(const PacketResult& packet, TimePoint now) {
    if (packet.probe != kNoProbe) behind_probe_until_ = now + kProbeShadow;
    if (behind_probe_until_ && packet.probe == kNoProbe &&
        (now > *behind_probe_until_ || queue_.empty())) {
        behind_probe_until_.reset();
    }
    return behind_probe_until_.has_value();
}

QueuePolicy::Shadow ProbingEstimator::shadow(std::span<const PacketResult> packets) const {
    const bool probes = std::any_of(packets.begin(), packets.end(),
                                    [](const PacketResult& p) { return p.probe != kNoProbe; });
    return probes || behind_probe_until_ ? QueuePolicy::Shadow::probe : QueuePolicy::Shadow::none;
}

// On a narrow link one packet is a queue.
microseconds ProbingEstimator::packet_time() const {
    return microseconds(kPacketBits * 1'000'000 / rate_.rate());
}

LinkUse ProbingEstimator::read(std::span<const PacketResult> packets, TimePoint now) {
    LinkUse use = LinkUse::normal;
    probed_.reset();
    for (const PacketResult& p : packets) {
        if (!p.received()) {
            acked_.on_lost(p);
            continue;
        }
        acked_.on_received(p);
        if (!behind_probe(p, now)) trend_.on_received(p, now);
        // An overuse in the middle of a feedback must not be overlooked at its end.
        if (trend_.hypothesis() == LinkUse::over) use = LinkUse::over;
        if (const auto rate = probe_rate_.on_received(p)) probed_ = rate;
    }
    return use == LinkUse::over ? use : trend_.hypothesis();
}

void ProbingEstimator::update_delay(LinkUse use, std::optional<std::int64_t> acked,
                                    TimePoint now) {
    if (probed_ && use != LinkUse::over) {
        const std::int64_t bps = probe_control_.believe(*probed_, rate_.rate(), now);
        rate_.on_probe(bps, now);
        probe_control_.on_result(*probed_, now);
        if (rate_.rate() == bps) return;
    }
    auto grip = queue_.grip();
    if (loss_.average_loss() > kFewLosses) grip.most = 1;
    if (use == LinkUse::over) {
        if (const auto full = passing()) acked = full;
        way_back_.on_overuse();
        if (acked && grip.back_off < RateControl::kBackOff) way_back_.on_full(*acked);
    }
    rate_.update(use, acked, now, grip);
    const auto queue = queue_.empty()  ? WayBack::Queue::empty
                       : queue_.idle() ? WayBack::Queue::short_one
                                       : WayBack::Queue::longer;
    if (use == LinkUse::over) return;
    if (const auto bps = way_back_.climb(rate_.rate(), queue, now)) rate_.restore(*bps, now);
}

// What is lost behind the link has passed it too; what a full queue drops has not.
std::int64_t ProbingEstimator::with_lost(const AckedRate::Recent& recent) const {
    const double lost = queue_.full() ? std::min(loss_.inherent_loss(), kMostInherent)
                                      : std::min(recent.lost, kMostLost);
    return static_cast<std::int64_t>(static_cast<double>(recent.bps) * (1 + lost));
}

// How fast a full link is now, where acked_.bps() still remembers better times.
std::optional<std::int64_t> ProbingEstimator::passing() const {
    auto recent = acked_.recent(queue_.window());
    if (!recent) recent = acked_.recent(kWhole);
    if (!recent && queue_.full()) recent = acked_.recent(kWhole, kFewPackets);
    if (!recent) return std::nullopt;
    return with_lost(*recent);
}

// What a long queue dropped has been answered when it is empty again: the delay saw it first, and
// what is lost of a burst would hold the rate down for seconds. Losses of a short queue stay.
void ProbingEstimator::forget_answered_losses() {
    overran_ |= queue_.very_long();
    if (!overran_ || !queue_.empty()) return;
    overran_ = false;
    loss_ = LossModel(config_);
}

// True: the queue is others', and its growth says nothing about what we may send.
bool ProbingEstimator::compete(std::span<const PacketResult> packets, TimePoint now) {
    const bool before = competition_.others();
    const bool lost = std::any_of(packets.begin(), packets.end(),
                                  [](const PacketResult& p) { return !p.received(); });
    auto recent = acked_.recent(kWhole);
    if (!recent) recent = acked_.recent(kLonger, kFewest);
    const auto passed = recent ? std::optional(with_lost(*recent)) : std::nullopt;
    competition_.on_feedback({.standing = queue_.standing(),
                              .queue = queue_.now(),
                              .packet = queue_.packet(),
                              .acked_bps = passed,
                              .rate_bps = rate_.rate(),
                              .lost = lost,
                              .rtt = rtt_},
                             now);
    if (before && !competition_.others()) trend_.reset();
    if (!competition_.others()) return false;
    // Losses are what this rate goes by: the model must not answer them a second time.
    if (!before) loss_ = LossModel(config_);
    rate_.set(competition_.rate(), now);
    return true;
}

void ProbingEstimator::on_negotiated() {
    if (!estimate_) estimate_ = config_.initial_bps;
}

void ProbingEstimator::on_transport_feedback(std::span<const PacketResult> packets,
                                             TimePoint now) {
    if (packets.empty()) return;
    if (last_feedback_ && now - *last_feedback_ > kForgetDelays) {
        trend_.reset();
        queue_.reset();
    }
    last_feedback_ = now;
    queue_.on_feedback(packets, packet_time(), shadow(packets), now);
    use_ = queue_.judge(read(packets, now), now);
    forget_answered_losses();
    if (compete(packets, now)) {
        use_ = LinkUse::normal;
        estimate_ = rate_.rate();
    } else {
        use_ = queue_.judge_standing(use_, rtt_, now);
        const auto acked = acked_.bps();
        update_delay(use_, acked, now);
        loss_.on_feedback(packets);
        const auto bps = loss_.update({acked, rate_.rate(), limit_.limited()}, now);
        estimate_ = std::clamp(bps, config_.min_bps, config_.max_bps);
    }
    probe_control_.on_estimate(view(now), now);
}

void ProbingEstimator::on_rtt(Duration rtt) {
    rtt_ = rtt;
    rate_.on_rtt(rtt);
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

// What was heard long ago says nothing about now: where all video had to stop, padding must find
// the way back.
bool ProbingEstimator::congested(TimePoint now) const {
    if (now - *last_feedback_ > kStale) return false;
    return use_ != LinkUse::normal || queue_.busy();
}

ProbeControl::View ProbingEstimator::view(TimePoint now) const {
    const bool stale = now - *last_feedback_ > kStale;
    return {.estimate_bps = estimate_.value_or(config_.initial_bps),
            .wanted_bps = ideal_bps_,
            .acked_bps = acked_.bps().value_or(0),
            .use = stale ? LinkUse::normal : use_,
            .queue = stale ? microseconds(0) : queue_.now(),
            .loss = loss_.state()};
}

// Often where no video fits: only this keeps the receiver speaking, and nothing can be learnt
// otherwise. Who does not answer is asked once a second.
Duration ProbingEstimator::knock_interval(TimePoint now) const {
    const bool unheard = last_feedback_ ? last_silence_.has_value()
                                        : first_knock_ && now - *first_knock_ >= kFirstKnocks;
    return unheard ? Duration(kSilenceStep) : Duration(kKnockInterval);
}

PaddingOrder ProbingEstimator::knock(TimePoint now) {
    if (ideal_bps_ <= *estimate_ || now - last_padding_ < knock_interval(now)) return {};
    if (!first_knock_) first_knock_ = now;
    last_padding_ = now;
    return {kKnock, kNoProbe};
}

PaddingOrder ProbingEstimator::padding(TimePoint now) {
    if (!estimate_) return {};
    if (!last_feedback_ || last_silence_) return knock(now);
    if (!prober_.busy()) {
        if (const auto bps = probe_control_.wish(view(now), now)) {
            probe_rate_.expect(prober_.start(*bps, now));
            ++probes_;
        }
    }
    if (prober_.busy()) {
        last_padding_ = now;
        return prober_.due(now);
    }
    if (now - last_padding_ < kPaddingPeriod) return {};
    const auto media = std::max(target_bps_, static_cast<std::int64_t>(media_.bps(now)));
    // All or nothing: trains tell whether it fits; filling the link meanwhile helps nobody.
    if (media == 0) return knock(now);
    last_padding_ = now;
    if (congested(now)) return {};
    return {padding_.bytes(ideal_bps_, media, estimate_, now), kNoProbe};
}

void ProbingEstimator::on_padding_sent(const PaddingOrder& order, std::size_t bytes) {
    // A train is an advance on the padding.
    if (order.probe != kNoProbe) {
        padding_.on_surplus(static_cast<double>(bytes));
        return prober_.on_sent(order, bytes);
    }
    padding_.on_surplus(static_cast<double>(bytes) - static_cast<double>(order.bytes));
}

TimePoint ProbingEstimator::next_padding() const {
    if (prober_.busy()) return prober_.next();
    if (!estimate_ || ideal_bps_ <= *estimate_) return TimePoint::max();
    if (!last_feedback_ || last_silence_) return last_padding_ + knock_interval(last_padding_);
    return last_padding_ + kPaddingPeriod;
}

}  // namespace jmeet::bridge
