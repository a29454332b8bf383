// Whose queue is it? One that stays whatever we give up is kept full by others who only heed
// losses, a download for instance. Giving up more would end our video and change nothing.
//
// One per estimator; values in, a rate out; no allocation. A queue of our own drains when we send
// a quarter less than came through when it began to stand; one that has not lost half of its
// length when it should be gone belongs to others. Beside them the rate moves as theirs does:
// additive increase and multiplicative decrease on losses, with the constants that share a link
// fairly with a Reno flow (Floyd, Handley, Padhye: "A Comparison of Equation-Based and AIMD
// Congestion Control", 2000: a = 3(1 - b)/(1 + b) packets per round trip for a decrease to b).
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
        microseconds queue{};
        microseconds packet{};                   // what one packet takes on this link
        std::optional<std::int64_t> acked_bps;   // of the last moments
        std::int64_t rate_bps = 0;
        bool lost = false;                       // a packet, in this feedback
        Duration rtt{};
    };
    void on_feedback(const View& view, TimePoint now);

    // The queue is others'. Then rate() is what to send.
    bool others() const { return rate_.has_value(); }
    std::int64_t rate() const { return *rate_; }
    // Since when the queue has been long without a pause.
    std::optional<TimePoint> standing_since() const { return standing_since_; }

 private:
    void watch(const View& view, TimePoint now);
    void compete(const View& view, TimePoint now);
    void enter(std::int64_t bps, TimePoint now);

    std::optional<TimePoint> standing_since_;
    std::optional<std::int64_t> reference_bps_;  // what came through when the queue began to stand
    microseconds deepest_{};

    std::optional<std::int64_t> rate_;
    TimePoint last_update_;
    std::optional<TimePoint> last_cut_;
    std::optional<TimePoint> empty_since_;
    std::optional<TimePoint> last_others_;
};

}  // namespace jmeet::bridge
