// Whether a video source that does not answer is asked for a key frame once more.
//
// A source that sends may be asked as often as KeyframeRequester allows. One that sends nothing
// has no camera, or a picture that stands still: the request may have been lost, so it is said
// again, each time after twice as long; its first packet ends the waiting.
// One per VideoSource, over all of its receivers; media worker. Pure.
#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::bridge {

class KeyframeBackOff {
 public:
    static constexpr Duration kFirst = milliseconds(310);
    // LIMIT: who joins while a shared screen stands still and loses a request waits so long.
    static constexpr Duration kLongest = seconds(10);

    // `heard`: when the source's last media packet came.
    bool allows(TimePoint heard, TimePoint now) const {
        return !asked_ || heard > *asked_ || now - *asked_ >= interval_;
    }
    void on_asked(TimePoint heard, TimePoint now) {
        const bool silent = asked_ && heard <= *asked_;
        interval_ = silent ? std::min(2 * interval_, kLongest) : kFirst;
        asked_ = now;
    }

 private:
    std::optional<TimePoint> asked_;
    Duration interval_ = kFirst;
};

}  // namespace jmeet::bridge
