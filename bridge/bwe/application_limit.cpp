#include "bridge/bwe/application_limit.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr double kUsage = 0.80;
constexpr double kWindowSeconds = 0.5;
constexpr double kBegin = 0.40;
constexpr double kEnd = -0.60;

}  // namespace

void ApplicationLimit::on_sent(std::uint64_t bytes, std::int64_t estimate_bps, TimePoint now) {
    const double elapsed = last_ ? std::chrono::duration<double>(now - *last_).count() : 0.0;
    last_ = now;
    const double rate = kUsage * static_cast<double>(estimate_bps) / 8;
    const double whole = rate * kWindowSeconds;
    unused_ = std::clamp(unused_ - static_cast<double>(bytes) + rate * elapsed, -whole, whole);
    if (!since_ && unused_ > kBegin * whole) since_ = now;
    if (since_ && unused_ < kEnd * whole) since_.reset();
}

}  // namespace jmeet::bridge
