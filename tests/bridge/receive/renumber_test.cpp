#include "bridge/receive/renumber.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace jmeet::bridge;

TEST_CASE("without history: drops of the newest close the gap, wrap included") {
    SimpleRenumber r;
    CHECK(r.accept(65533) == 65533);
    CHECK(r.accept(65533) == 65533);
    r.drop(65533);
    CHECK(r.accept(65533) == 65533);
    r.drop(65534);
    r.drop(65532);  // late
    CHECK(r.accept(65535) == 65534);
    r.drop(0);
    CHECK(r.accept(1) == 65535);
    for (int i = 2; i <= 65534; ++i) r.drop(static_cast<std::uint16_t>(i));
    r.drop(65535);
    CHECK(r.accept(0) == 0);
    CHECK(r.accept(65535) == 65535);  // late
}

TEST_CASE("without history: drops before anything was sent change nothing") {
    SimpleRenumber r;
    r.drop(7);
    CHECK(r.accept(9) == 9);
    CHECK(r.accept(10) == 10);
}

TEST_CASE("with history: late packets find the place that was kept for them") {
    HistoryRenumber r;
    CHECK(r.accept(65533) == 65533);
    r.drop(65534);
    CHECK(r.accept(65535) == 65534);
    r.drop(65532);
    CHECK(r.accept(65531) == 65532);
    r.drop(1);
    r.drop(2);
    CHECK(r.accept(3) == 0);
    CHECK(r.accept(0) == 65535);
    CHECK(r.accept(6) == 3);
    CHECK(r.gaps() == 0);
    r.drop(4);
    CHECK(r.gaps() == 1);
    r.drop(4);
    CHECK(r.gaps() == 1);
    CHECK(r.accept(0) == 65535);
    for (int i = 5; i <= 1005; ++i) CHECK(r.accept(static_cast<std::uint16_t>(i)) == i - 3);
    CHECK(r.accept(3) == 0);  // older than the history
}

TEST_CASE("with history: padding between media leaves no gap over many wraps") {
    HistoryRenumber r;
    std::uint16_t seq = 65000;
    std::uint16_t expected = 65000;
    for (int i = 0; i < 300'000; ++i, ++seq) {
        if (i % 7 == 3 || i % 11 == 5) {
            r.drop(seq);
        } else {
            REQUIRE(r.accept(seq) == expected++);
        }
    }
    CHECK(r.gaps() == 0);
}

TEST_CASE("with history: a jump of many numbers keeps the offset") {
    HistoryRenumber r;
    CHECK(r.accept(10) == 10);
    r.drop(11);
    CHECK(r.accept(20'000) == 19'999);
    CHECK(r.accept(19'500) == 19'499);
    CHECK(r.accept(12) == 11);
}

TEST_CASE("with history: no two packets get the same number, whatever the order") {
    HistoryRenumber r;
    std::set<std::uint16_t> given;
    int accepted = 0;
    // Blocks of eight in reverse order; every fifth number is padding.
    for (int block = 0; block < 500; ++block) {
        for (int i = 7; i >= 0; --i) {
            const int seq = 1000 + block * 8 + i;
            if (seq % 5 == 0) {
                r.drop(static_cast<std::uint16_t>(seq));
            } else {
                ++accepted;
                given.insert(r.accept(static_cast<std::uint16_t>(seq)));
            }
        }
    }
    CHECK(given.size() == static_cast<std::size_t>(accepted));
}
