// How often something may happen: `rate` times a second, and `burst` times at once after a pause.
//
// A value of 8 bytes, any thread; the time is the caller's. The generic cell rate algorithm: the
// bucket is the time at which it will be full again.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.hpp"

namespace jmeet::bridge {

template <std::int64_t kRate, std::int64_t kBurst>
class TokenBucket {
 public:
    static constexpr Duration kEach = Duration(seconds(1)) / kRate;

    // False, and nothing is taken, when there are not that many left.
    bool take(TimePoint now, std::int64_t count = 1) {
        const TimePoint full = std::max(full_, now) + kEach * count;
        if (full - now > kEach * kBurst) return false;
        full_ = full;
        return true;
    }

 private:
    TimePoint full_ = TimePoint::min();
};

}  // namespace jmeet::bridge
