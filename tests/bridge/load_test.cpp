#include <doctest/doctest.h>

#include "bridge/load.hpp"
#include "bridge/shutdown.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("CPU usage is what was not idle since the last reading") {
    CpuMeter meter;
    CHECK(meter.sample("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3") == 0);
    CHECK(meter.sample("cpu  150 0 150 900 0 0 0 0 0 0\n") == doctest::Approx(0.5));
    CHECK(meter.sample("cpu  150 0 150 900 0 0 0 100 0 0\n") == doctest::Approx(1.0));
}

TEST_CASE("a line that cannot be read counts as nothing and keeps the last reading") {
    CpuMeter meter;
    CHECK(meter.sample("cpu  100 0 100 800 0 0 0 0 0 0") == 0);
    for (const char* bad : {"", "cpu  a b", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2 3 4 5 6 7"}) {
        CHECK(meter.sample(bad) == 0);
    }
    CHECK(meter.sample("cpu  100 0 100 800 0 0 0 0 0 0") == 0);
    CHECK(meter.sample("cpu  200 0 100 900 0 0 0 0 0 0") == doctest::Approx(0.5));
}

TEST_CASE("stress is the greater load") {
    const LoadThresholds thresholds{0.9, 50'000};
    CHECK(stress_of(0.45, 0, thresholds) == doctest::Approx(0.5));
    CHECK(stress_of(0.09, 100'000, thresholds) == doctest::Approx(2.0));
}

TEST_CASE("graceful shutdown waits for people to leave") {
    const TimePoint start{};
    ShutdownManager shutdown({10, std::chrono::hours(24), std::chrono::minutes(1)});
    shutdown.start(ShutdownKind::graceful, 15, start);
    CHECK(shutdown.state() == ShutdownState::graceful_shutdown);
    shutdown.update(11, start + seconds(5));
    CHECK(shutdown.state() == ShutdownState::graceful_shutdown);
    shutdown.update(10, start + seconds(6));
    CHECK(shutdown.state() == ShutdownState::shutting_down);
    CHECK_FALSE(shutdown.finished(start + seconds(65)));
    CHECK(shutdown.finished(start + seconds(66)));
}

TEST_CASE("graceful shutdown does not wait for ever") {
    const TimePoint start{};
    ShutdownManager shutdown({10, std::chrono::hours(24), std::chrono::minutes(1)});
    shutdown.start(ShutdownKind::graceful, 15, start);
    shutdown.update(15, start + std::chrono::hours(24));
    CHECK(shutdown.state() == ShutdownState::shutting_down);
}

TEST_CASE("force goes to the last state at once, and an empty bridge too") {
    ShutdownManager forced({});
    forced.start(ShutdownKind::force, 5, {});
    CHECK(forced.state() == ShutdownState::shutting_down);
    ShutdownManager empty({});
    empty.start(ShutdownKind::graceful, 0, {});
    CHECK(empty.state() == ShutdownState::shutting_down);
}
