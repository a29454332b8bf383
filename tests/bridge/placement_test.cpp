#include "bridge/placement.hpp"

#include <doctest/doctest.h>

#include "bridge/report_sum.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {
constexpr TimePoint kStart{seconds(1'000)};

MediaReport report(TimePoint at, std::uint64_t received, std::uint64_t sent) {
    MediaReport r;
    r.made_at = at;
    r.counters.packets_received = received;
    r.counters.packets_sent = sent;
    r.endpoints_sending_audio = 1;
    return r;
}
}  // namespace

TEST_CASE("conferences that come at once are spread over the workers") {
    Placement placement(3);
    std::array<int, 3> counts{};
    for (int i = 0; i < 30; ++i) ++counts[placement.place(kStart)];
    CHECK(counts == std::array{10, 10, 10});
}

TEST_CASE("a new conference gets the worker with the lowest packet rate") {
    Placement placement(2);
    placement.set_rate(0, 50'000);
    placement.set_rate(1, 40'000);
    CHECK(placement.place(kStart) == 1);
    // Young ones count, though they carry nothing yet.
    for (int i = 0; i < 6; ++i) CHECK(placement.place(kStart) == 1);
    CHECK(placement.place(kStart) == 0);
    // Later only what they really carry.
    CHECK(placement.place(kStart + Placement::kYoung) == 1);
}

TEST_CASE("of idle workers the one with fewer conferences is chosen") {
    Placement placement(2);
    CHECK(placement.place(kStart) == 0);
    CHECK(placement.place(kStart) == 1);
    placement.remove(1);
    const auto later = kStart + Placement::kYoung;
    CHECK(placement.place(later) == 1);
}

TEST_CASE("reports of all workers become one when each has reported") {
    ReportSum sum(2);
    CHECK_FALSE(sum.add(0, report(kStart, 100, 1'000)));
    CHECK_FALSE(sum.add(0, report(kStart + seconds(1), 200, 2'000)));
    const auto first = sum.add(1, report(kStart + seconds(1), 10, 20));
    REQUIRE(first);
    CHECK(first->counters.packets_received == 210);
    CHECK(first->counters.packets_sent == 2'020);
    CHECK(first->endpoints_sending_audio == 2);
    CHECK_FALSE(sum.add(1, report(kStart + seconds(2), 30, 40)));
    CHECK(sum.packet_rate(0) == doctest::Approx(1'100));
    CHECK(sum.packet_rate(1) == doctest::Approx(40));
    const auto second = sum.add(0, report(kStart + seconds(2), 300, 3'000));
    REQUIRE(second);
    CHECK(second->counters.packets_received == 330);
}

TEST_CASE("a sum of counters forgets none") {
    MediaCounters one;
    MediaCounters two;
    auto* words = reinterpret_cast<std::uint64_t*>(&one);
    const std::size_t count = (sizeof one - sizeof one.transit - sizeof one.drops) / sizeof *words;
    for (std::size_t i = 0; i < count; ++i) words[i] = i + 1;
    one.transit.add(microseconds(15), 4);
    one.drops.add(DropReason::rtp_probe, 3);
    two += one;
    two += one;
    for (std::size_t i = 0; i < count; ++i) {
        CHECK(reinterpret_cast<const std::uint64_t*>(&two)[i] == 2 * (i + 1));
    }
    CHECK(two.drops[DropReason::rtp_probe] == 6);
    CHECK(two.transit.count() == 8);
    CHECK(two.transit.in_bucket(1) == 8);
}
