#include "bridge/receive/nack_generator.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "bridge/receive/duplicate_filter.hpp"
#include "tests/bridge/receive/packets.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

using Numbers = std::vector<std::uint16_t>;

Numbers collect(NackGenerator& nack, double ms) {
    Numbers out(NackGenerator::kMaxMissing);
    out.resize(nack.collect(at_ms(ms), out));
    return out;
}

}  // namespace

TEST_CASE("nothing is asked for while nothing is missing") {
    NackGenerator nack;
    nack.on_packet(1, at_ms(0));
    nack.on_packet(2, at_ms(1));
    CHECK_FALSE(nack.next_due());
    CHECK(collect(nack, 1000).empty());
}

TEST_CASE("a missing number is asked for at once, then every 150 ms, ten times in all") {
    NackGenerator nack;
    nack.on_packet(1, at_ms(0));
    nack.on_packet(3, at_ms(5));
    CHECK(nack.next_due() == at_ms(5));
    for (int i = 0; i < 10; ++i) {
        CHECK(collect(nack, 5 + i * 150 - 1).empty());
        CHECK(collect(nack, 5 + i * 150) == Numbers{2});
    }
    CHECK_FALSE(nack.next_due());
    CHECK(collect(nack, 60'000).empty());
    CHECK(nack.requested() == 10);
}

TEST_CASE("an arriving number is not asked for any more") {
    NackGenerator nack;
    nack.on_packet(1, at_ms(0));
    nack.on_packet(3, at_ms(0));
    for (int i = 0; i < 3; ++i) CHECK(collect(nack, i * 150) == Numbers{2});
    nack.on_packet(2, at_ms(400));
    CHECK(nack.missing() == 0);
    CHECK_FALSE(nack.next_due());
}

TEST_CASE("one request lists all that is missing, in order") {
    NackGenerator nack;
    nack.on_packet(1, at_ms(0));
    nack.on_packet(10, at_ms(0));
    for (int i = 0; i < 10; ++i) {
        CHECK(collect(nack, i * 150) == Numbers{2, 3, 4, 5, 6, 7, 8, 9});
    }
    CHECK(nack.missing() == 0);
}

TEST_CASE("each number is asked for exactly ten times, whenever it went missing") {
    NackGenerator nack;
    std::map<int, int> asked;
    double now = 0;
    const auto run = [&](int times) {
        for (int i = 0; i < times; ++i, now += 150) {
            for (auto seq : collect(nack, now)) ++asked[seq];
        }
    };
    nack.on_packet(1, at_ms(now));
    nack.on_packet(3, at_ms(now));
    run(5);
    nack.on_packet(5, at_ms(now));
    run(5);
    nack.on_packet(7, at_ms(now));
    run(10);
    CHECK(asked == std::map<int, int>{{2, 10}, {4, 10}, {6, 10}});
}

TEST_CASE("many losses in a row do not use up the attempts of the first") {
    NackGenerator nack;
    nack.on_packet(1, at_ms(0));
    int first = 0;
    for (int i = 1; i <= 30; ++i) {
        nack.on_packet(static_cast<std::uint16_t>(1 + 2 * i), at_ms(i));
        for (auto seq : collect(nack, i)) first += seq == 2;
    }
    CHECK(first == 1);
    CHECK(nack.missing() == 30);
}

TEST_CASE("a large gap clears everything") {
    NackGenerator nack;
    nack.on_packet(1, at_ms(0));
    nack.on_packet(3, at_ms(0));
    nack.on_packet(3000, at_ms(1));
    CHECK(nack.missing() == 0);
    nack.on_packet(3099, at_ms(2));  // 98 are missing
    CHECK(nack.missing() == 98);
    nack.on_packet(3199, at_ms(3));
    CHECK(nack.missing() == 0);
}

TEST_CASE("numbers wrap, and what is waited for is bounded") {
    NackGenerator nack;
    nack.on_packet(65534, at_ms(0));
    nack.on_packet(1, at_ms(0));
    CHECK(collect(nack, 0) == Numbers{65535, 0});
    for (int i = 1; i <= 40; ++i) nack.on_packet(static_cast<std::uint16_t>(1 + i * 90), at_ms(i));
    CHECK(nack.missing() == NackGenerator::kMaxMissing);
    Numbers some(5);
    CHECK(nack.collect(at_ms(200), some) == 5);  // a small buffer: the rest stays due
    CHECK(collect(nack, 200).size() == NackGenerator::kMaxMissing - 5);
}

TEST_CASE("a restarted sender is followed, not waited for") {
    NackGenerator nack;
    nack.on_packet(30'000, at_ms(0));
    nack.on_packet(100, at_ms(1));
    nack.on_packet(102, at_ms(2));
    CHECK(collect(nack, 2) == Numbers{101});
}

TEST_CASE("each number is new once") {
    DuplicateFilter filter;
    CHECK(filter.is_new(65530));
    CHECK_FALSE(filter.is_new(65530));
    CHECK(filter.is_new(5));
    CHECK_FALSE(filter.is_new(5));
    CHECK(filter.is_new(65535));  // late, first time
    CHECK_FALSE(filter.is_new(65535));
    CHECK(filter.is_new(65000));  // before the first
    CHECK_FALSE(filter.is_new(65000));
    CHECK(filter.is_new(4000));
    CHECK_FALSE(filter.is_new(5));  // older than what is remembered: too late anyway
    for (int i = 4001; i < 200'000; ++i) {
        REQUIRE(filter.is_new(static_cast<std::uint16_t>(i)));
        if (i < 6000) continue;
        REQUIRE_FALSE(filter.is_new(static_cast<std::uint16_t>(i - i % 1500)));
    }
}

TEST_CASE("after a restart far back everything is new again") {
    DuplicateFilter filter;
    CHECK(filter.is_new(30'000));
    CHECK(filter.is_new(100));
    CHECK(filter.is_new(101));
    CHECK_FALSE(filter.is_new(100));
}
