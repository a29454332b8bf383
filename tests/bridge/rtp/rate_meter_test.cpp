#include "bridge/rtp/rate_meter.hpp"

#include <doctest/doctest.h>

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

TimePoint ms(int n) { return TimePoint(seconds(1000) + milliseconds(n)); }

}  // namespace

TEST_CASE("a steady stream is measured after a moment as after long") {
    RateMeter meter;
    for (int i = 0; i < 500; ++i) {
        meter.add(125, ms(i * 10));
        if (i == 20) CHECK(meter.bps(ms(200)) == doctest::Approx(100'000).epsilon(0.06));
    }
    CHECK(meter.bps(ms(4990)) == doctest::Approx(100'000).epsilon(0.02));
}

TEST_CASE("a first packet counts over one bucket, not over nothing") {
    RateMeter meter;
    CHECK(meter.bps(ms(0)) == 0);
    meter.add(100, ms(0));
    CHECK(meter.bps(ms(0)) == 40'000);  // 800 bits in 20 ms
}

TEST_CASE("after a second of silence the rate is zero and measuring starts anew") {
    RateMeter meter;
    for (int i = 0; i < 100; ++i) meter.add(125, ms(i * 10));
    CHECK(meter.active(ms(1500)));
    CHECK(meter.bps(ms(2100)) == 0);
    CHECK_FALSE(meter.active(ms(2100)));
    meter.add(100, ms(60'000));
    CHECK(meter.bps(ms(60'000)) == 40'000);
}

TEST_CASE("updates from before the window are ignored, late ones inside it count") {
    RateMeter meter;
    meter.add(1000, ms(5000));
    meter.add(1000, ms(3000));
    CHECK(meter.bps(ms(5500)) == 8000 * 2);
    meter.add(1000, ms(4600));
    CHECK(meter.bps(ms(5500)) == 16000 * 2);
}
