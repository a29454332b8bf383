// usrsctp is told the time for its timers, but asks gettimeofday for round-trip times, cookies and
// the age of what it has sent. The definition in a program comes before the C library's: here both
// clocks are the tests'.
#include <sys/time.h>

#include "tests/bridge/sctp/channel_pair.hpp"

extern "C" int gettimeofday(timeval* out, void*) noexcept {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(
                        jmeet::bridge::test::now().time_since_epoch())
                        .count();
    out->tv_sec = 1'700'000'000 + us / 1'000'000;
    out->tv_usec = us % 1'000'000;
    return 0;
}
