#include "bridge/bwe/rate_control.hpp"

#include <algorithm>
#include <cmath>

#include "bridge/bwe/acked_rate.hpp"

namespace jmeet::bridge {

namespace {

constexpr double kFarFromCapacity = 0.9;
// Close to what the link carried, growth slows down to a tenth: beyond it every step is a queue.
// Where cameras come at their own times, a link is full before its rate is reached.
constexpr double kNearCapacity = 0.90;
constexpr double kFullCapacity = 0.96;
constexpr double kCareful = 0.1;
constexpr double kStable = 0.8;
constexpr seconds kHighestAge{15};
constexpr double kGrowth = 1.08;
constexpr double kSilenceFactor = 0.8;

}  // namespace

double LinkCapacity::deviation() const { return std::sqrt(variance_ * *kbps_); }
double LinkCapacity::upper_bps() const { return 1'000 * (*kbps_ + 3 * deviation()); }
double LinkCapacity::lower_bps() const {
    return 1'000 * std::max(0.0, *kbps_ - 3 * deviation());
}

void LinkCapacity::on_overuse(std::int64_t acked_bps, TimePoint now) {
    add(acked_bps, 0.05);
    if (acked_bps < highest_ && now - highest_at_ <= kHighestAge) return;
    highest_ = acked_bps;
    highest_at_ = now;
}

bool LinkCapacity::stable(TimePoint now) const {
    return now - highest_at_ > kHighestAge || bps() > kStable * static_cast<double>(highest_);
}

void LinkCapacity::add(std::int64_t bps, double weight) {
    const double sample = static_cast<double>(bps) / 1'000;
    kbps_ = kbps_ ? (1 - weight) * *kbps_ + weight * sample : sample;
    const double norm = std::max(*kbps_, 1.0);
    const double error = *kbps_ - sample;
    variance_ = (1 - weight) * variance_ + weight * error * error / norm;
    variance_ = std::clamp(variance_, 0.4, 2.5);
}

// One packet more per response time, at 30 frames a second.
double RateControl::near_max_increase() const {
    const double frame_bits = static_cast<double>(rate_) / 30;
    const double packets = std::max(1.0, std::ceil(frame_bits / (1'200 * 8)));
    const double packet_bits = frame_bits / packets;
    const double response = 2 * std::chrono::duration<double>(rtt_ + milliseconds(100)).count();
    return std::max(4'000.0, packet_bits / response);
}

bool RateControl::may_decrease_again(std::optional<std::int64_t> acked, TimePoint now) const {
    if (!last_decrease_) return true;
    const Duration wait = std::clamp<Duration>(rtt_, milliseconds(10), milliseconds(200));
    return now - *last_decrease_ >= wait || (acked && *acked < rate_ / 2);
}

// How much of the usual growth is left.
double RateControl::caution(TimePoint now) const {
    if (!capacity_.known() || !capacity_.stable(now)) return 1;
    const double used = static_cast<double>(rate_) / capacity_.bps();
    return std::clamp((kFullCapacity - used) / (kFullCapacity - kNearCapacity), kCareful, 1.0);
}

void RateControl::increase(std::optional<std::int64_t> acked, const Grip& grip, TimePoint now) {
    if (acked && capacity_.known() && static_cast<double>(*acked) > capacity_.upper_bps()) {
        capacity_.forget();
    }
    const double dt =
        last_change_ ? std::min(std::chrono::duration<double>(now - *last_change_).count(), 1.0)
                     : 1.0;
    const double limit = acked ? kAboveAcked * static_cast<double>(*acked) + kAboveAckedBps
                               : static_cast<double>(rate_);
    const double current = static_cast<double>(rate_);
    if (current >= limit) return;
    // Well below what the link was known to carry there is nothing to be careful about.
    const bool near = capacity_.known() && current > kFarFromCapacity * capacity_.bps();
    const double step = near
                            ? near_max_increase() * dt
                            : std::max(current * (std::pow(kGrowth, dt) - 1), 1'000.0);
    const double share = grip.careful ? grip.growth * caution(now) : grip.growth;
    rate_ = static_cast<std::int64_t>(std::min(current + share * step, limit));
}

void RateControl::decrease(std::optional<std::int64_t> acked, const Grip& grip, TimePoint now) {
    if (!grip.urgent && !may_decrease_again(acked, now)) return;
    double next = static_cast<double>(rate_) / 2;
    if (acked) {
        next = grip.back_off * static_cast<double>(*acked);
        if (next > 5'000) next -= 5'000;
        if (next > static_cast<double>(rate_) && capacity_.known()) {
            next = grip.back_off * capacity_.bps();
        }
        if (capacity_.known() && static_cast<double>(*acked) < capacity_.lower_bps()) {
            capacity_.forget();
        }
        capacity_.on_overuse(*acked, now);
    }
    next = std::clamp(next, grip.least * static_cast<double>(rate_),
                      grip.most * static_cast<double>(rate_));
    rate_ = std::min(rate_, static_cast<std::int64_t>(next));
    last_decrease_ = now;
    state_ = State::hold;
}

std::int64_t RateControl::on_probe(std::int64_t bps, TimePoint now) {
    capacity_.on_probe(bps);
    if (bps > rate_) {
        rate_ = std::min(bps, config_.max_bps);
        last_change_ = now;
    }
    return rate_;
}

void RateControl::restore(std::int64_t bps, TimePoint now) {
    rate_ = std::min(std::max(rate_, bps), config_.max_bps);
    last_change_ = now;
}

void RateControl::set(std::int64_t bps, TimePoint now) {
    rate_ = std::clamp(bps, config_.min_bps, config_.max_bps);
    state_ = State::hold;
    last_change_ = now;
}

std::int64_t RateControl::on_silence() {
    rate_ = static_cast<std::int64_t>(static_cast<double>(rate_) * kSilenceFactor);
    rate_ = std::max(rate_, config_.min_bps);
    return rate_;
}

std::int64_t RateControl::update(LinkUse use, std::optional<std::int64_t> acked, TimePoint now,
                                 const Grip& grip) {
    switch (use) {
        case LinkUse::over: state_ = State::decrease; break;
        case LinkUse::under: state_ = State::hold; break;
        case LinkUse::normal:
            // The time of holding is not a time of growth.
            if (state_ == State::hold) {
                state_ = State::increase;
                last_change_ = now;
            }
            break;
    }
    if (state_ == State::increase) increase(acked, grip, now);
    if (state_ == State::decrease) decrease(acked, grip, now);
    last_change_ = now;
    rate_ = std::clamp(rate_, config_.min_bps, config_.max_bps);
    return rate_;
}

}  // namespace jmeet::bridge
