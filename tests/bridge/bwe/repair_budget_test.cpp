#include <doctest/doctest.h>

#include "bridge/bwe/repair_budget.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// Bits per second that go into repairs when everything is asked for again and again.
double repaired(std::optional<std::int64_t> estimate, std::int64_t media) {
    RepairBudget budget;
    double bytes = 0;
    for (int ms = 0; ms < 10'000; ms += 5) {
        const TimePoint now = TimePoint{} + milliseconds(ms);
        for (int i = 0; i < 5 && budget.allows(estimate, media, now); ++i) {
            budget.on_sent(1'000);
            bytes += 1'000;
        }
    }
    return bytes * 8 / 10;
}

}  // namespace

TEST_CASE("repairs get what the estimate leaves beside the media, and at least a fifth") {
    CHECK(repaired(1'000'000, 600'000) == doctest::Approx(400'000).epsilon(0.05));
    CHECK(repaired(1'000'000, 950'000) == doctest::Approx(200'000).epsilon(0.05));
    CHECK(repaired(1'000'000, 2'000'000) == doctest::Approx(200'000).epsilon(0.05));
}

TEST_CASE("without an estimate all is repaired, and a frame's packets at once always") {
    CHECK(repaired(std::nullopt, 0) == 8'000'000);
    RepairBudget budget;
    int packets = 0;
    for (; budget.allows(100'000, 100'000, {}); ++packets) budget.on_sent(1'200);
    CHECK(packets == 5);
}
