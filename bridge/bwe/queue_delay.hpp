// How long packets wait on their way: one-way delay above the least of the last half minute.
//
// One per estimator; no allocation. The clocks of both sides need not agree: only the difference
// counts, and the least is forgotten after 15 to 30 s, so that drift and new routes do not matter.
#pragma once

#include <algorithm>
#include <optional>

#include "bridge/bwe/sent_packets.hpp"

namespace jmeet::bridge {

class QueueDelay {
 public:
    // All packets of one feedback; their least delay counts, since a frame is a burst.
    void on_feedback(std::span<const PacketResult> packets, TimePoint now);
    microseconds now() const { return current_; }
    // The part of it that does not go between two frames: the least of the last moments. What a
    // burst of packets makes is gone by then, what we send beyond the link is not.
    microseconds standing() const { return std::min(recent_, recent_before_); }
    void reset() { *this = {}; }

 private:
    std::optional<microseconds> least_;           // of this half of the window
    std::optional<microseconds> least_before_;
    TimePoint half_began_;
    microseconds current_{};
    microseconds recent_{};         // the least of this moment
    microseconds recent_before_{};  // and of the last one
    TimePoint moment_began_;
};

}  // namespace jmeet::bridge
