// Time that stands still until somebody moves it, for the whole program: steady_clock and Asio's
// timers follow, the wall clock does not. Counted work is then the same from run to run.
//
// Linking fake_time.cpp into a program is what does it: it stands before libc's clock_gettime and
// timerfd_settime. One thread only.
#pragma once

#include "base/clock.hpp"

namespace jmeet {

void move_time(Duration by);

}  // namespace jmeet
