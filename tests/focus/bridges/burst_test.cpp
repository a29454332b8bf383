// Joins that come faster than stress is felt: simulated time, bridges that measure themselves
// every ten seconds and say so up to five seconds later, as real ones do.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "focus/bridges/select_single.hpp"

namespace jmeet::focus {
namespace {

struct Burst {
    BridgeConfig config;
    SelectSingle strategy;
    TimePoint start = TimePoint() + std::chrono::hours(1);
    std::vector<std::unique_ptr<Bridge>> bridges;
    std::vector<int> endpoints_when_measured;

    explicit Burst(int count) {
        for (int i = 0; i < count; ++i) {
            bridges.push_back(std::make_unique<Bridge>(
                xmpp::Jid("brewery", "muc", "jvb" + std::to_string(i)), config, nullptr));
            endpoints_when_measured.push_back(0);
            say(i, 0.0);
        }
    }
    void say(int bridge, double stress) {
        xmpp::BridgeStats stats;
        stats.add("drain", "false");
        stats.add("stress_level", stress);
        stats.add("version", "v1");
        bridges[static_cast<std::size_t>(bridge)]->apply(stats, start);
    }
    // The first participant of a meeting each, evenly over the time.
    std::vector<int> run(int joins, milliseconds time, milliseconds measured_every) {
        std::vector<int> placed(bridges.size(), 0);
        BridgePointers known;
        for (const auto& bridge : bridges) known.push_back(bridge.get());
        auto next_measure = start + measured_every;
        for (int i = 0; i < joins; ++i) {
            const TimePoint now = start + time * i / joins;
            if (now >= next_measure) {
                next_measure += measured_every;
                for (std::size_t b = 0; b < bridges.size(); ++b) {
                    say(static_cast<int>(b), 0.01 * endpoints_when_measured[b]);
                    endpoints_when_measured[b] = placed[b];
                }
            }
            const auto selected = select_bridge(known, {}, {}, {}, config, strategy, now);
            REQUIRE(selected.has_value());
            // As ConferenceBridges::take_place does, in the same turn as the selection.
            (*selected)->allocation_attempted(now);
            (*selected)->endpoint_added();
            const auto at = std::find(known.begin(), known.end(), *selected) - known.begin();
            ++placed[static_cast<std::size_t>(at)];
        }
        return placed;
    }
};

TEST_CASE("92 joins in 31 s do not pile up on one bridge while ten stand idle") {
    // Fair is 8.4 each.
    for (const milliseconds measured : {milliseconds(5'000), milliseconds(15'000),
                                        milliseconds(1'000'000)}) {
        Burst burst(11);
        const auto placed = burst.run(92, seconds(31), measured);
        CHECK(*std::max_element(placed.begin(), placed.end()) <= 10);
        CHECK(*std::min_element(placed.begin(), placed.end()) >= 7);
    }
}

TEST_CASE("a bridge that looks idler than the others does not draw the whole burst") {
    Burst burst(11);
    for (int i = 1; i < 11; ++i) burst.say(i, 0.03);
    const auto placed = burst.run(92, seconds(31), milliseconds(1'000'000));
    // Three more in each of the two windows of 20 s.
    CHECK(placed[0] <= 15);
    CHECK(*std::min_element(placed.begin(), placed.end()) >= 6);
}

TEST_CASE("all at once: a thousand joins in the same instant are spread evenly") {
    Burst burst(10);
    const auto placed = burst.run(1'000, milliseconds(0), milliseconds(1'000));
    CHECK(*std::max_element(placed.begin(), placed.end()) == 100);
}

}  // namespace
}  // namespace jmeet::focus
