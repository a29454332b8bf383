// Time as a parameter. Pure code takes a TimePoint; only the edges ask Clock::now().
#pragma once

#include <chrono>

namespace jmeet {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace jmeet
