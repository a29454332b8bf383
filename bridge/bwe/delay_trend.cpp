#include "bridge/bwe/delay_trend.hpp"

#include <algorithm>
#include <cmath>

namespace jmeet::bridge {

namespace {

constexpr milliseconds kGroup{5};
constexpr milliseconds kMaxBurst{100};
constexpr seconds kClockJump{3};
constexpr int kReordersToReset = 3;
constexpr double kSmoothing = 0.9;
constexpr double kGain = 4.0;
constexpr int kMaxGainDeltas = 60;
constexpr int kMaxDeltas = 1'000;
constexpr double kOverTimeMs = 10;
constexpr double kUp = 0.0087;
constexpr double kDown = 0.039;
constexpr double kMaxAdapt = 15;

double to_ms(auto duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

}  // namespace

void DelayTrend::reset() { *this = {}; }

// Packets sent within 5 ms, and packets that a queue let go at once, count as one.
bool DelayTrend::belongs(const PacketResult& packet) const {
    const Group& g = *current_;
    if (packet.sent - g.first_sent <= kGroup) return true;
    if (packet.sent == g.last_sent) return true;
    const auto arrival_delta = *packet.arrival - g.last_arrival;
    const auto send_delta = std::chrono::duration_cast<microseconds>(packet.sent - g.last_sent);
    return arrival_delta < send_delta && arrival_delta <= kGroup &&
           *packet.arrival - g.first_arrival < kMaxBurst;
}

void DelayTrend::on_received(const PacketResult& packet, TimePoint now) {
    if (!packet.arrival) return;
    if (!current_) {
        current_ = Group{packet.sent, packet.sent, *packet.arrival, *packet.arrival, now};
        return;
    }
    if (packet.sent < current_->first_sent) return;
    if (belongs(packet)) {
        current_->last_sent = std::max(current_->last_sent, packet.sent);
        current_->last_arrival = std::max(current_->last_arrival, *packet.arrival);
        current_->heard = now;
        return;
    }
    close_group();
    current_ = Group{packet.sent, packet.sent, *packet.arrival, *packet.arrival, now};
}

void DelayTrend::close_group() {
    if (previous_) {
        const auto send = current_->last_sent - previous_->last_sent;
        const auto arrival = current_->last_arrival - previous_->last_arrival;
        const auto heard = current_->heard - previous_->heard;
        if (arrival - std::chrono::duration_cast<microseconds>(heard) >= kClockJump) return reset();
        if (arrival < microseconds(0)) {
            if (++negative_in_a_row_ >= kReordersToReset) return reset();
        } else {
            negative_in_a_row_ = 0;
            if (!origin_) origin_ = current_->last_arrival;
            on_delta(to_ms(send), to_ms(arrival), to_ms(current_->last_arrival - *origin_));
        }
    }
    previous_ = current_;
}

void DelayTrend::on_delta(double send_ms, double arrival_ms, double at_ms) {
    deltas_ = std::min(deltas_ + 1, kMaxDeltas);
    accumulated_ += arrival_ms - send_ms;
    smoothed_ = kSmoothing * smoothed_ + (1 - kSmoothing) * accumulated_;
    x_[next_point_] = at_ms;
    y_[next_point_] = smoothed_;
    next_point_ = (next_point_ + 1) % kPoints;
    points_ = std::min(points_ + 1, kPoints);
    detect(points_ == kPoints ? slope() : last_trend_, send_ms, at_ms);
}

// Least squares.
double DelayTrend::slope() const {
    double mean_x = 0;
    double mean_y = 0;
    for (std::size_t i = 0; i < kPoints; ++i) {
        mean_x += x_[i] / kPoints;
        mean_y += y_[i] / kPoints;
    }
    double numerator = 0;
    double denominator = 0;
    for (std::size_t i = 0; i < kPoints; ++i) {
        numerator += (x_[i] - mean_x) * (y_[i] - mean_y);
        denominator += (x_[i] - mean_x) * (x_[i] - mean_x);
    }
    return denominator > 0 ? numerator / denominator : last_trend_;
}

void DelayTrend::detect(double trend, double send_ms, double at_ms) {
    if (deltas_ < 2) {
        hypothesis_ = LinkUse::normal;
        return;
    }
    const double modified = std::min(deltas_, kMaxGainDeltas) * trend * kGain;
    if (modified > threshold_) {
        over_ms_ = over_ms_ < 0 ? send_ms / 2 : over_ms_ + send_ms;
        ++over_count_;
        if (over_ms_ > kOverTimeMs && over_count_ > 1 && trend >= last_trend_) {
            over_ms_ = 0;
            over_count_ = 0;
            hypothesis_ = LinkUse::over;
        }
    } else {
        over_ms_ = -1;
        over_count_ = 0;
        hypothesis_ = modified < -threshold_ ? LinkUse::under : LinkUse::normal;
    }
    last_trend_ = trend;
    adapt(modified, at_ms);
}

// The threshold follows what the link usually does, so that competing traffic does not starve us.
void DelayTrend::adapt(double modified, double at_ms) {
    const double size = std::fabs(modified);
    const double dt = std::clamp(at_ms - last_adapt_ms_.value_or(at_ms), 0.0, 100.0);
    last_adapt_ms_ = at_ms;
    if (size > threshold_ + kMaxAdapt) return;
    threshold_ += (size < threshold_ ? kDown : kUp) * (size - threshold_) * dt;
    threshold_ = std::clamp(threshold_, 6.0, 600.0);
}

}  // namespace jmeet::bridge
