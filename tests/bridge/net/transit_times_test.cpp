#include "bridge/net/transit_times.hpp"

#include <doctest/doctest.h>

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("transit times fall into the bucket whose bound they do not exceed") {
    TransitTimes times;
    times.add(microseconds(10), 3);
    times.add(microseconds(11), 2);
    times.add(seconds(1), 1);
    CHECK(times.in_bucket(0) == 3);
    CHECK(times.in_bucket(1) == 2);
    CHECK(times.in_bucket(TransitTimes::kBoundsUs.size()) == 1);
    CHECK(times.count() == 6);
    CHECK(times.sum_us() == 30 + 22 + 1'000'000);
}

TEST_CASE("quantiles of transit times lie within their bucket") {
    TransitTimes times;
    CHECK(times.quantile(0.5) == microseconds(100'000));
    times.add(microseconds(60), 98);
    times.add(microseconds(700), 2);
    CHECK(times.quantile(0.5).count() > 50);
    CHECK(times.quantile(0.5).count() < 100);
    CHECK(times.quantile(0.99).count() > 500);
    CHECK(times.quantile(0.99).count() <= 1'000);
    times.add(seconds(1), 900);
    CHECK(times.quantile(0.99) == microseconds(100'000));
}
