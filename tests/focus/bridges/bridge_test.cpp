#include "focus/bridges/bridge.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace jmeet::focus {
namespace {

xmpp::BridgeStats stats(std::initializer_list<std::pair<const char*, const char*>> values) {
    xmpp::BridgeStats result;
    for (const auto& [name, value] : values) result.add(name, value);
    return result;
}

struct Fixture {
    BridgeConfig config;
    TimePoint now = TimePoint() + std::chrono::hours(1);
    Bridge bridge{xmpp::Jid("brewery", "muc.example.com", "jvb1"), config, nullptr};
};

TEST_CASE_FIXTURE(Fixture, "stress and region are kept where a presence does not say them") {
    CHECK(bridge.stress() == 0.0);
    CHECK(!bridge.region());
    bridge.apply(stats({{"stress_level", ".1"}}), now);
    CHECK(bridge.stress() == doctest::Approx(0.1));
    bridge.apply(stats({{"region", "region"}}), now);
    CHECK(bridge.stress() == doctest::Approx(0.1));
    CHECK(bridge.region() == "region");
    bridge.apply(stats({{"stress_level", "0.2"}}), now);
    CHECK(bridge.stress() == doctest::Approx(0.2));
    CHECK(bridge.region() == "region");
}

TEST_CASE_FIXTURE(Fixture, "a failure keeps a bridge out for a while, whatever passes") {
    const auto threshold = config.failure_reset_threshold;
    CHECK(bridge.operational(now));
    bridge.set_failed(now);
    CHECK(!bridge.operational(now));
    CHECK(!bridge.operational(now + 100 * threshold));
    bridge.set_operational();
    now += 100 * threshold;
    CHECK(bridge.operational(now));
    bridge.set_failed(now);
    CHECK(!bridge.operational(now));
    bridge.set_operational();
    CHECK(!bridge.operational(now + threshold / 2));
    CHECK(bridge.operational(now + threshold / 2 + threshold));
}

TEST_CASE_FIXTURE(Fixture, "recent allocations count for twenty seconds") {
    bridge.apply(stats({{"stress_level", "0.5"}}), now);
    for (int i = 0; i < 10; ++i) bridge.allocation_attempted(now);
    CHECK(bridge.corrected_stress(now) == doctest::Approx(0.6));
    CHECK(bridge.corrected_stress(now + seconds(20)) == doctest::Approx(0.6));
    CHECK(bridge.corrected_stress(now + milliseconds(20'100)) == doctest::Approx(0.5));
    CHECK(!bridge.overloaded(now));
    for (int i = 0; i < 30; ++i) bridge.allocation_attempted(now);
    CHECK(bridge.overloaded(now));
}

TEST_CASE("a bridge whose clients ask for restarts counts as overloaded for a while") {
    BridgeConfig config;
    config.ice_failure_detection = true;
    config.ice_failure_min_endpoints = 4;
    config.ice_failure_threshold = 0.5;
    Bridge bridge(xmpp::Jid("b", "muc", "j"), config, nullptr);
    const TimePoint now = TimePoint() + std::chrono::hours(1);
    for (int i = 0; i < 4; ++i) bridge.endpoint_added();
    bridge.restart_requested(now);
    bridge.restart_requested(now);
    CHECK(!bridge.failing_ice(now));
    bridge.restart_requested(now);
    CHECK(bridge.failing_ice(now));
    CHECK(bridge.corrected_stress(now) == doctest::Approx(0.81));
    xmpp::BridgeStats busy;
    busy.add("stress_level", "0.9");
    bridge.apply(busy, now);
    CHECK(bridge.corrected_stress(now) == doctest::Approx(0.9));
    CHECK(!bridge.failing_ice(now + config.ice_failure_timeout));
    CHECK(bridge.restart_requests() == 3);
}

TEST_CASE_FIXTURE(Fixture, "drain follows presence both ways and is on until presence speaks") {
    CHECK(bridge.draining());
    bridge.apply(stats({{"stress_level", "0"}}), now);
    CHECK(bridge.draining());
    bridge.apply(stats({{"drain", "false"}}), now);
    CHECK(!bridge.draining());
    bridge.apply(stats({{"drain", "TRUE"}}), now);
    CHECK(bridge.draining());
}

TEST_CASE_FIXTURE(Fixture, "shutdown flags are latches and shutting down is told once") {
    bridge.apply(stats({{"graceful_shutdown", "true"}}), now);
    CHECK(bridge.in_graceful_shutdown());
    CHECK(bridge.apply(stats({{"shutting_down", "true"}, {"graceful_shutdown", "false"}}), now) ==
          Bridge::StatsEffect::began_to_shut_down);
    CHECK(bridge.in_graceful_shutdown());
    CHECK(bridge.apply(stats({{"shutting_down", "true"}}), now) == Bridge::StatsEffect::none);
    bridge.apply(stats({{"shutting_down", "false"}}), now);
    CHECK(bridge.shutting_down());
}

TEST_CASE_FIXTURE(Fixture, "a bridge that comes shutting down has nothing to move") {
    CHECK(bridge.apply(stats({{"shutting_down", "true"}}), now) == Bridge::StatsEffect::none);
    CHECK(bridge.shutting_down());
}

TEST_CASE_FIXTURE(Fixture, "the line that operators grep for") {
    CHECK(bridge.to_string(now) == "Bridge[jid=brewery@muc.example.com/jvb1, relayId=null, "
                                   "region=null, stress=0.00, version=null]");
    bridge.apply(stats({{"version", "2.3.1"}, {"release", "47"}, {"relay_id", "r1"},
                        {"region", "eu"}, {"stress_level", "0.404"}}),
                 now);
    CHECK(bridge.to_string(now) == "Bridge[jid=brewery@muc.example.com/jvb1, relayId=r1, "
                                   "region=eu, stress=0.40, version=2.3.1-47]");
    CHECK(bridge.full_version() == "2.3.1-47");
}

}  // namespace
}  // namespace jmeet::focus
