// After a long queue: what a full link carried is known, so when the queue is gone the rate need
// not be found again step by step.
//
// One per estimator; values in, a rate out; no allocation. The rate climbs within about a second:
// each layer that comes back begins with a key frame, and all at once would be a queue again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::bridge {

class WayBack {
 public:
    // The link is full: this comes through. The least of a queue's time counts: at first the
    // better times before it are in it.
    void on_full(std::int64_t acked_bps);
    // A queue grows again.
    void on_overuse() { climbing_since_.reset(); }
    // What the rate may be now, if there is anything to make good.
    enum class Queue : std::uint8_t { empty, short_one, longer };
    std::optional<std::int64_t> climb(std::int64_t rate_bps, Queue queue, TimePoint now);

 private:
    std::optional<std::int64_t> carried_;
    std::optional<TimePoint> climbing_since_;
};

}  // namespace jmeet::bridge
