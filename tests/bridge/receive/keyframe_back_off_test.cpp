#include "bridge/receive/keyframe_back_off.hpp"

#include <doctest/doctest.h>

#include "tests/bridge/receive/packets.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// Requests that go out when somebody wants one in each millisecond.
int asked(KeyframeBackOff& back_off, TimePoint heard, double from_ms, double to_ms) {
    int count = 0;
    for (double t = from_ms; t < to_ms; ++t) {
        if (!back_off.allows(heard, at_ms(t))) continue;
        back_off.on_asked(heard, at_ms(t));
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("a source that sends nothing is asked ever more rarely, but never given up") {
    KeyframeBackOff back_off;
    const TimePoint never{};
    // At 0, 310, 930, 2,170, 4,650 and 9,610 ms.
    CHECK(asked(back_off, never, 0, 10'000) == 6);
    CHECK(asked(back_off, never, 10'000, 70'000) == 6);
}

TEST_CASE("a source that sends is held back by nothing") {
    KeyframeBackOff back_off;
    for (int t = 0; t < 100; ++t) {
        CHECK(back_off.allows(at_ms(t), at_ms(t)));
        back_off.on_asked(at_ms(t - 1), at_ms(t));
    }
}

TEST_CASE("a source that begins to send is asked at once, and soon again when it stops") {
    KeyframeBackOff back_off;
    CHECK(asked(back_off, TimePoint{}, 0, 30'000) > 6);
    const TimePoint heard = at_ms(30'000);
    CHECK(back_off.allows(heard, at_ms(30'001)));
    back_off.on_asked(heard, at_ms(30'001));
    CHECK_FALSE(back_off.allows(heard, at_ms(30'200)));
    CHECK(back_off.allows(heard, at_ms(30'311)));
}
