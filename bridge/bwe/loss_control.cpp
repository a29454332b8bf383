#include "bridge/bwe/loss_control.hpp"

#include <algorithm>
#include <cmath>

namespace jmeet::bridge {

namespace {

constexpr double kLow = 0.02;
constexpr double kHigh = 0.10;
constexpr double kGrowthPerSecond = 1.08;
// LIMIT: fewer packets say nothing about a fraction.
constexpr std::int64_t kMinPackets = 20;
constexpr milliseconds kWindow{250};
constexpr milliseconds kBetweenDecreases{300};
constexpr seconds kReportAge{6};

}  // namespace

void LossControl::on_packets(std::int64_t expected, std::int64_t lost, TimePoint now) {
    if (!window_start_) window_start_ = now;
    expected_ += expected;
    lost_ += lost;
    if (expected_ < kMinPackets || now - *window_start_ < kWindow) return;
    loss_ = std::clamp(static_cast<double>(lost_) / static_cast<double>(expected_), 0.0, 1.0);
    last_report_ = now;
    window_start_ = now;
    expected_ = 0;
    lost_ = 0;
}

std::int64_t LossControl::update(std::int64_t limit, TimePoint now) {
    const Duration since =
        last_growth_ ? std::min<Duration>(now - *last_growth_, seconds(1)) : Duration(0);
    last_growth_ = now;
    if (last_report_ && now - *last_report_ <= kReportAge) {
        if (loss_ <= kLow) {
            const double dt = std::chrono::duration<double>(since).count();
            const double grown = static_cast<double>(rate_) * std::pow(kGrowthPerSecond, dt) + 1'000 * dt;
            rate_ = static_cast<std::int64_t>(grown);
        } else if (loss_ > kHigh &&
                   (!last_decrease_ || now - *last_decrease_ >= kBetweenDecreases + rtt_)) {
            rate_ = static_cast<std::int64_t>(static_cast<double>(rate_) * (1 - loss_ / 2));
            last_decrease_ = now;
        }
    }
    rate_ = std::clamp(std::min(rate_, limit), config_.min_bps, config_.max_bps);
    return rate_;
}

}  // namespace jmeet::bridge
