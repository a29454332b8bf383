#include "tests/fake_time.hpp"

#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
std::int64_t now_ns = 1'000 * kSecond;

}  // namespace

namespace jmeet {

void move_time(Duration by) { now_ns += by.count(); }

}  // namespace jmeet

extern "C" int clock_gettime(clockid_t clock, timespec* at) noexcept {
    if (clock != CLOCK_MONOTONIC) return static_cast<int>(syscall(SYS_clock_gettime, clock, at));
    at->tv_sec = now_ns / kSecond;
    at->tv_nsec = now_ns % kSecond;
    return 0;
}

// At once: Asio then asks its clock whether the time has come.
extern "C" int timerfd_settime(int fd, int flags, const itimerspec* asked,
                               itimerspec* old) noexcept {
    itimerspec at = *asked;
    if (at.it_value.tv_sec != 0 || at.it_value.tv_nsec != 0) at.it_value = {0, 1};
    return static_cast<int>(syscall(SYS_timerfd_settime, fd, flags & ~TFD_TIMER_ABSTIME, &at, old));
}
