// The window's two halves say the same as going through all of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

#include "bridge/bwe/acked_rate.hpp"
#include "tests/net/random.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

struct Plain {
    struct Item {
        std::int64_t arrival;
        std::int64_t sent;
        std::int64_t size;
    };
    std::deque<Item> items{};

    void add(std::int64_t arrival, std::int64_t sent, std::int64_t size) {
        auto place = items.end();
        while (place != items.begin() && std::prev(place)->arrival > arrival) --place;
        items.insert(place, {arrival, sent, size});
        while (items.size() > 500 || span() > 5'000'000 ||
               (items.size() > 20 && span() > 1'000'000)) {
            items.pop_front();
        }
    }
    std::int64_t span() const { return items.back().arrival - items.front().arrival; }
    std::int64_t bps() const {
        std::int64_t bytes = 0;
        std::int64_t largest = 0;
        std::int64_t second = 0;
        Item last = items.front();
        std::int64_t first_sent = last.sent;
        for (std::size_t i = 0; i < items.size(); ++i) {
            bytes += items[i].size;
            first_sent = std::min(first_sent, items[i].sent);
            if (items[i].sent > last.sent) last = items[i];
            if (i == 0) continue;
            const std::int64_t gap = items[i].arrival - items[i - 1].arrival;
            second = std::max(second, std::min(gap, largest));
            largest = std::max(largest, gap);
        }
        const auto rate = [](std::int64_t b, std::int64_t us) {
            return b * 8'000'000 / std::max<std::int64_t>(us, 1'000);
        };
        return std::min(rate(bytes - items.front().size, span() - largest + second),
                        rate(bytes - last.size, last.sent - first_sent));
    }
};

}  // namespace

TEST_CASE("the acknowledged rate of the two halves is that of the whole window") {
    for (const std::uint64_t seed : {1, 2, 3}) {
        test::Random random(seed);
        AckedRate acked;
        Plain plain;
        // The lower 32 bits of both clocks wrap on the way.
        std::int64_t sent = 4'290'000'000;
        for (int i = 0; i < 20'000; ++i) {
            // Fast, slow and stalled by turns.
            const double mean = i % 3'000 < 1'000 ? 1'000 : i % 3'000 < 2'000 ? 30'000 : 120'000;
            sent += static_cast<std::int64_t>(mean * random.next());
            if (random.next() < 0.01) sent += 400'000;
            const auto delay = static_cast<std::int64_t>(20'000 * random.next());
            const std::int64_t arrival = sent + 7'000'000 + delay;
            PacketResult p;
            p.sent = TimePoint{} + microseconds(sent);
            p.arrival = microseconds(arrival);
            p.size = static_cast<std::uint32_t>(100 + 1'100 * random.next());
            acked.on_received(p);
            plain.add(arrival, sent, p.size);
            if (plain.items.size() < 10) {
                CHECK_FALSE(acked.bps());
            } else {
                REQUIRE(acked.bps() == plain.bps());
            }
        }
    }
}

TEST_CASE("the last moments: how fast, and how much was lost for what arrived") {
    AckedRate acked;
    std::int64_t us = 0;
    // 1 Mbps, then half of it with every fourth packet lost.
    for (int i = 0; i < 200; ++i) {
        us += i < 100 ? 8'000 : 16'000;
        PacketResult p;
        p.sent = TimePoint{} + microseconds(us);
        p.size = 1'000;
        if (i >= 100 && i % 4 == 0) {
            acked.on_lost(p);
            continue;
        }
        p.arrival = microseconds(us + 30'000);
        acked.on_received(p);
    }
    const auto recent = acked.recent(milliseconds(300));
    REQUIRE(recent);
    CHECK(recent->bps == doctest::Approx(375'000).epsilon(0.05));
    CHECK(recent->lost == doctest::Approx(1 / 3.0).epsilon(0.2));
    CHECK_FALSE(acked.recent(milliseconds(100)));  // too few for a rate
    CHECK(acked.recent(milliseconds(100), 4));
    REQUIRE(acked.bps());
    CHECK(*acked.bps() < 600'000);
}
