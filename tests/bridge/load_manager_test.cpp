#include "bridge/load_manager.hpp"

#include <doctest/doctest.h>

#include "bridge/load.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

LoadManager::Config ten_seven() {
    LoadManager::Config config;
    config.overload = 10;
    config.recovery = 7;
    config.impact_time = seconds(10);
    config.use = ReducerUse::on;
    return config;
}

}  // namespace

TEST_CASE("overload lowers last-N once per impact time, and only a low load gives it back") {
    const auto minute = std::chrono::minutes(1);
    LoadManager load(ten_seven(), -1);
    TimePoint now{seconds(1000)};
    load.on_load(9, 16, now);
    CHECK(load.last_n() == -1);
    load.on_load(10, 16, now);
    CHECK(load.last_n() == 12);
    CHECK(load.state() == LoadState::overloaded);
    load.on_load(10, 12, now);
    CHECK(load.last_n() == 12);
    load.on_load(10, 12, now += minute);
    CHECK(load.last_n() == 9);
    load.on_load(9, 9, now += minute);
    CHECK(load.last_n() == 9);
    CHECK(load.state() == LoadState::not_overloaded);
    load.on_load(10, 8, now += minute);
    CHECK(load.last_n() == 6);
    load.on_load(2, 6, now);
    CHECK(load.last_n() == 6);
    load.on_load(2, 6, now += minute);
    CHECK(load.last_n() == 7);
}

TEST_CASE("a recovery that had nothing to do does not delay a reduction") {
    LoadManager load(ten_seven(), -1);
    const TimePoint now{seconds(1000)};
    load.on_load(2, 8, now);
    load.on_load(10, 8, now + seconds(1));
    CHECK(load.last_n() == 6);
}

TEST_CASE("stress is the load relative to its threshold, 0 before the first sample") {
    LoadManager load(ten_seven(), -1);
    CHECK(load.stress() == 0);
    for (const double n : {1.0, 3.0, 11.0}) {
        load.on_load(n, std::nullopt, {});
        CHECK(load.stress() == doctest::Approx(n / 10));
    }
}

TEST_CASE("without leave to reduce only the state follows the load") {
    auto config = ten_seven();
    config.use = ReducerUse::off;
    LoadManager load(config, -1);
    load.on_load(11, 16, {});
    CHECK(load.state() == LoadState::overloaded);
    CHECK(load.last_n() == -1);
}

TEST_CASE("the reducer cuts what is sent most, never below the minimum, nothing where nobody is") {
    LastNReducer nobody({}, -1);
    nobody.reduce(std::nullopt);
    CHECK(nobody.last_n() == -1);
    LastNReducer half({.reduction_scale = 0.5}, -1);
    half.reduce(12);
    CHECK(half.last_n() == 6);
    half.reduce(0);
    CHECK(half.last_n() == 1);
}

TEST_CASE("the reducer gives back in growing steps until there is no limit") {
    LastNReducer none({}, -1);
    CHECK_FALSE(none.recover());
    CHECK(none.last_n() == -1);
    LastNReducer twice({.recover_scale = 2}, 4);
    CHECK(twice.recover());
    CHECK(twice.last_n() == 8);
    LastNReducer steps({}, 1);
    for (const int n : {2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, -1}) {
        CHECK(steps.recover());
        CHECK(steps.last_n() == n);
    }
    CHECK_FALSE(steps.recover());
}

TEST_CASE("steal is the eighth number's share of all numbers") {
    CpuMeter meter;
    meter.sample("cpu  100 200 300 400 500 600 700 800 900");
    CHECK(meter.steal() == 0);
    meter.sample("cpu  200 300 400 500 600 700 800 900 1000");
    CHECK(meter.steal() == doctest::Approx(100.0 / 900));
    for (const char* bad : {"", "nonsense", "cpu  1 2 3 4 5 6 7", "cpu  200 300 x"}) {
        meter.sample(bad);
        CHECK(meter.steal() == 0);
    }
    meter.sample("cpu  200 300 400 500 600 700 800 900 1000");
    CHECK(meter.steal() == 0);
}
