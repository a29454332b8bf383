#include "bridge/bwe/way_back.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr double kBackTo = 0.88;    // of what came through
constexpr double kPerSecond = 1.0;  // of the same
constexpr double kLongestStep = 0.3;

}  // namespace

void WayBack::on_full(std::int64_t acked_bps) {
    carried_ = std::min(carried_.value_or(acked_bps), acked_bps);
}

std::optional<std::int64_t> WayBack::climb(std::int64_t rate_bps, Queue queue, TimePoint now) {
    if (!carried_) return std::nullopt;
    if (!climbing_since_) {
        if (queue != Queue::empty) return std::nullopt;
        climbing_since_ = now;
    }
    const double carried = static_cast<double>(*carried_);
    const double time = std::chrono::duration<double>(now - *climbing_since_).count();
    climbing_since_ = now;
    const double top = kBackTo * carried;
    double rate = static_cast<double>(rate_bps);
    if (queue != Queue::longer) {
        rate = std::min(rate + kPerSecond * carried * std::min(time, kLongestStep), top);
    }
    if (std::max(rate, static_cast<double>(rate_bps)) >= top) {
        carried_.reset();
        climbing_since_.reset();
    }
    return static_cast<std::int64_t>(rate);
}

}  // namespace jmeet::bridge
