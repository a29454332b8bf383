// How long packets wait on their way: one-way delay above the least of the last half minute.
//
// One per estimator; no allocation. The clocks of both sides need not agree: only the difference
// counts, and the least is forgotten after 15 to 30 s, so that drift and new routes do not matter.
#pragma once

#include <optional>

#include "bridge/bwe/sent_packets.hpp"

namespace jmeet::bridge {

class QueueDelay {
 public:
    // All packets of one feedback; their least delay counts, since a frame is a burst.
    void on_feedback(std::span<const PacketResult> packets, TimePoint now);
    microseconds now() const { return current_; }
    void reset() { *this = {}; }

 private:
    std::optional<microseconds> least_;           // of this half of the window
    std::optional<microseconds> least_before_;
    TimePoint half_began_;
    microseconds current_{};
};

}  // namespace jmeet::bridge
