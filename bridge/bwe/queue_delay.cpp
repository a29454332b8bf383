#include "bridge/bwe/queue_delay.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {
constexpr seconds kHalfWindow{15};
// LIMIT: a little longer than the pause between frames of the slowest layer, 7.5 a second.
constexpr milliseconds kMoment{150};
}

void QueueDelay::on_feedback(std::span<const PacketResult> packets, TimePoint now) {
    std::optional<microseconds> delay;
    for (const PacketResult& p : packets) {
        if (!p.arrival) continue;
        const auto sent = std::chrono::duration_cast<microseconds>(p.sent.time_since_epoch());
        delay = delay ? std::min(*delay, *p.arrival - sent) : *p.arrival - sent;
    }
    if (!delay) return;
    if (!least_) half_began_ = now;
    if (now - half_began_ > kHalfWindow) {
        half_began_ = now;
        least_before_ = least_;
        least_ = delay;
    }
    least_ = least_ ? std::min(*least_, *delay) : *delay;
    current_ = *delay - std::min(*least_, least_before_.value_or(*least_));
    if (now - moment_began_ >= kMoment) {
        moment_began_ = now;
        recent_before_ = recent_;
        recent_ = current_;
    }
    recent_ = std::min(recent_, current_);
}

}  // namespace jmeet::bridge
