// Whose queue is it? One that stays whatever we give up is kept full by others who only heed
// losses, a download for instance. Giving up more would end our video and change nothing.
//
// One per estimator; values in, a rate out; no allocation. A queue of our own shrinks by what we
// give up: at a share s of what came through when it began to stand, by 1 - s seconds in each
// second. One that has not lost a tenth of that belongs to others. Beside them the rate moves as
// theirs does: additive increase and multiplicative decrease on losses, with the constants that
// share a link fairly with a Reno flow (Floyd, Handley, Padhye: "A Comparison of Equation-Based and
// AIMD Congestion Control", 2000: a = 3(1 - b)/(1 + b) packets per round trip for a decrease to b).
// Mode switching of this kind: Copa (Arun, Balakrishnan, 2018) and RFC 8698 (NADA) section 4.3.
// When the queue is gone, delays count again; who comes back soon is recognised by less.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::bridge {

class Competition {
 public:
    struct View {
        microseconds standing{};  // the part of the queue that does not go between two frames
        microseconds queue{};
        microseconds packet{};    // what one packet takes on this link
        // Of the last moments, with what was lost behind the link.
        std::optional<std::int64_t> acked_bps;
        std::int64_t rate_bps = 0;
        bool lost = false;  // a packet, in this feedback
        Duration rtt{};
    };
    void on_feedback(const View& view, TimePoint now);

    // The queue is others'. Then rate() is what to send.
    bool others() const { return rate_.has_value(); }
    std::int64_t rate() const { return *rate_; }

 private:
    void watch(const View& view, TimePoint now);
    bool know_reference(const View& view, TimePoint now);
    void expect_from(Duration queue);
    void compete(const View& view, TimePoint now);
    void enter(std::int64_t bps, TimePoint now);

    std::optional<TimePoint> standing_since_;
    std::optional<std::int64_t> reference_bps_;  // what came through when the queue began to stand
    std::optional<TimePoint> last_empty_;
    Duration reference_queue_{};
    int suspicions_ = 0;
    Duration expected_{};  // how much shorter the queue should be

    std::optional<std::int64_t> rate_;
    TimePoint last_update_;
    std::optional<TimePoint> last_cut_;
    std::optional<TimePoint> empty_since_;
    std::optional<TimePoint> last_others_;
};

}  // namespace jmeet::bridge
