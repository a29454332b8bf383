#include "bridge/bwe/loss_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bridge/bwe/acked_rate.hpp"

namespace jmeet::bridge {

namespace {

constexpr milliseconds kObservation{250};
constexpr double kAging = 0.9;
constexpr double kStep = 0.75;
constexpr int kSteps = 3;
constexpr double kUncertain = 1.35;  // loss above the fitted one that is still chance
constexpr std::array kFactors{1.02, 1.0, 0.95};
constexpr double kMinInherent = 0.001;
constexpr double kInherentOffset = 0.10;
constexpr double kBalanceBps = 100'000;
constexpr double kToleratedLoss = 0.12;
constexpr double kBiasLoss = 0.2;
// For each kilobyte, per doubling or halving the same at any rate.
constexpr double kHigherIsBetter = 0.22;
constexpr milliseconds kIncreaseWindow{300};
constexpr double kIncreasePerWindow = 1.3;
constexpr double kAboveAckedInHold = 1.2;
constexpr milliseconds kFirstHold{300};
// LIMIT: a minute, as others have it, is the rest of a call for who watches.
constexpr seconds kMaxHold{3};
constexpr double kMostRepeated = 0.2;

double probability(double inherent, double bps, double rate) {
    const double over = rate > bps ? (rate - bps) / rate : 0.0;
    return std::clamp(inherent + (1 - inherent) * over, 1e-6, 1 - 1e-6);
}

}  // namespace

void LossModel::on_feedback(std::span<const PacketResult> packets) {
    for (const PacketResult& p : packets) {
        const double size = p.size / 1'000.0;
        if (p.lost_before) {  // it was only late; its bytes are counted already
            Observation& counted = partial_.lost_kilobytes >= size ? partial_
                                                                   : observations_[newest_];
            counted.lost_kilobytes = std::max(0.0, counted.lost_kilobytes - size);
            continue;
        }
        if (!partial_first_) {
            partial_first_ = p.sent;
            partial_last_ = p.sent;
        }
        partial_last_ = std::max(partial_last_, p.sent);
        partial_.kilobytes += size;
        if (!p.received()) partial_.lost_kilobytes += size;
    }
    if (!partial_first_) return;
    const Duration covered = partial_last_ - previous_last_.value_or(*partial_first_);
    if (covered >= kObservation) close_observation();
}

void LossModel::close_observation() {
    const TimePoint begin = previous_last_.value_or(*partial_first_);
    // A pause of the sender is no part of its rate.
    const double time = std::chrono::duration<double>(
                            std::min<Duration>(partial_last_ - begin, 2 * kObservation)).count();
    partial_.rate_bps = partial_.kilobytes * 8'000 / time;
    newest_ = (newest_ + 1) % kWindow;
    observations_[newest_] = partial_;
    count_ = std::min(count_ + 1, kWindow);
    previous_last_ = partial_last_;
    partial_ = {};
    partial_first_.reset();
    fresh_ = true;
}

const LossModel::Observation& LossModel::aged(std::size_t age) const {
    return observations_[(newest_ + kWindow - age) % kWindow];
}

// The extremes do not count, unless the worst one was sent much faster than usual.
double LossModel::average_loss() const {
    if (count_ == 0) return 0;
    std::size_t lowest = 0;
    std::size_t highest = 0;
    std::array<double, kWindow> rates{};
    for (std::size_t i = 0; i < count_; ++i) {
        rates[i] = aged(i).rate_bps;
        if (aged(i).loss() < aged(lowest).loss()) lowest = i;
        if (aged(i).loss() > aged(highest).loss()) highest = i;
    }
    std::sort(rates.begin(), rates.begin() + static_cast<std::ptrdiff_t>(count_));
    const bool trim = count_ > 3 && lowest != highest &&
                      2 * rates[count_ / 2] > aged(highest).rate_bps;
    double bytes = 0;
    double lost = 0;
    double weight = 1;
    for (std::size_t i = 0; i < count_; ++i, weight *= kAging) {
        if (trim && (i == lowest || i == highest)) continue;
        bytes += weight * aged(i).kilobytes;
        lost += weight * aged(i).lost_kilobytes;
    }
    return bytes > 0 ? lost / bytes : 0;
}

double LossModel::upper_bound(double loss) const {
    const auto max = static_cast<double>(config_.max_bps);
    return loss > kToleratedLoss ? std::min(max, kBalanceBps / (loss - kToleratedLoss)) : max;
}

double LossModel::limit_inherent(const Channel& channel) const {
    const double most = std::min(1.0, kInherentOffset + kBalanceBps / channel.bps);
    return std::clamp(channel.inherent, kMinInherent, most);
}

// One Newton step on the inherent loss towards the likeliest value.
void LossModel::fit(Channel& channel) const {
    double first = 0;
    double second = 0;
    double weight = 1;
    for (std::size_t i = 0; i < count_; ++i, weight *= kAging) {
        const Observation& o = aged(i);
        const double p = probability(channel.inherent, channel.bps * repeated_, o.rate_bps);
        const double received = o.kilobytes - o.lost_kilobytes;
        first += weight * (o.lost_kilobytes / p - received / (1 - p));
        second -= weight * (o.lost_kilobytes / (p * p) + received / ((1 - p) * (1 - p)));
    }
    if (second < 0) channel.inherent -= kStep * first / second;
    channel.inherent = limit_inherent(channel);
}

double LossModel::score(const Channel& channel, double loss) const {
    const double kbps = channel.bps / 1'000;
    // More bandwidth is better, unless much is lost.
    const double lean = (kBiasLoss - loss) / (0.002 + std::fabs(kBiasLoss - loss));
    const double bias = lean * kHigherIsBetter * std::log(1 + kbps);
    double sum = 0;
    double weight = 1;
    for (std::size_t i = 0; i < count_; ++i, weight *= kAging) {
        const Observation& o = aged(i);
        const double p = probability(channel.inherent, channel.bps * repeated_, o.rate_bps);
        sum += weight * (o.lost_kilobytes * std::log(p) +
                         (o.kilobytes - o.lost_kilobytes) * std::log(1 - p) + bias * o.kilobytes);
    }
    return sum;
}

LossModel::Channel LossModel::choose(const Inputs& in, double loss, TimePoint now) {
    std::array<double, kFactors.size() + 2> rates{};
    std::size_t n = 0;
    for (const double factor : kFactors) rates[n++] = best_.bps * factor;
    if (in.acked_bps && !in.application_limited) rates[n++] = static_cast<double>(*in.acked_bps);
    const auto delay = static_cast<double>(in.delay_bps);
    if (delay > best_.bps) rates[n++] = delay;
    const bool limited = state_ != LossState::none;
    const double most =
        limited && window_start_ && now - *window_start_ < kIncreaseWindow
            ? std::max(best_.bps, window_limit_)
            : static_cast<double>(config_.max_bps);
    Channel winner = best_;
    double highest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < n; ++i) {
        Channel candidate{std::min(rates[i], most), best_.inherent};
        if (candidate.bps <= 0) continue;
        candidate.inherent = limit_inherent(candidate);
        for (int step = 0; step < kSteps; ++step) fit(candidate);
        const double value = score(candidate, loss);
        if (value <= highest) continue;
        highest = value;
        winner = candidate;
    }
    if (winner.bps > best_.bps && loss > kUncertain * winner.inherent) winner.bps = best_.bps;
    return winner;
}

double LossModel::cap_increase(double bps, double acked, TimePoint now) {
    if (state_ == LossState::none || bps <= best_.bps) return bps;
    const bool in_hold = hold_bps_ > 0 && acked < 1.3 * hold_bps_;
    const double factor = in_hold ? kAboveAckedInHold : kAboveAcked;
    // A small step is always allowed: little may be acknowledged because little is sent.
    bps = std::min(bps, std::max(kFactors.front() * best_.bps, factor * acked));
    if (!window_start_ || now - *window_start_ >= kIncreaseWindow) {
        window_start_ = now;
        window_limit_ = kIncreasePerWindow * best_.bps;
    }
    return std::min(bps, std::max(best_.bps, window_limit_));
}

void LossModel::settle(double bounded, double delay, double acked, TimePoint now) {
    const double before = static_cast<double>(result_.value_or(config_.max_bps));
    if (bounded >= delay || bounded >= static_cast<double>(config_.max_bps)) {
        state_ = LossState::none;
        hold_ = kFirstHold;
        hold_bps_ = 0;
    } else if (state_ != LossState::none && bounded > before) {
        state_ = LossState::increasing;
    } else if (state_ != LossState::decreasing) {
        state_ = LossState::decreasing;
        hold_ = std::clamp<Duration>(hold_, kFirstHold, kMaxHold);
        hold_until_ = now + hold_;
        hold_ = std::min<Duration>(2 * hold_, kMaxHold);
        hold_bps_ = bounded;
    }
    if (state_ != LossState::none && now < hold_until_) {
        hold_bps_ = std::max(hold_bps_, acked);
        bounded = std::min(hold_bps_, bounded);
    }
    result_ = static_cast<std::int64_t>(bounded);
}

std::int64_t LossModel::update(const Inputs& in, TimePoint now) {
    if (!ready()) return in.delay_bps;
    if (fresh_) {
        fresh_ = false;
        const double loss = average_loss();
        repeated_ = 1 + std::min(loss, kMostRepeated);
        const double delay = static_cast<double>(in.delay_bps);
        const double acked = static_cast<double>(in.acked_bps.value_or(0));
        Channel winner = choose(in, loss, now);
        winner.bps = cap_increase(winner.bps, acked, now);
        // What is lost is sent again and fills the link too: it is no part of what it carries.
        const double lower = std::max(acked * (1 - std::min(loss, kMostRepeated)),
                                      static_cast<double>(config_.min_bps));
        const double bounded =
            std::min(std::max(lower, std::min(winner.bps, upper_bound(loss))), delay);
        winner.bps = std::min(winner.bps, bounded);
        best_ = winner;
        settle(bounded, delay, acked, now);
    }
    if (state_ == LossState::none) return in.delay_bps;
    return std::min(*result_, in.delay_bps);
}

}  // namespace jmeet::bridge
