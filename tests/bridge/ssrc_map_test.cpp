#include "bridge/ssrc_map.hpp"

#include <doctest/doctest.h>

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("a table by SSRC keeps a thousand neighbours apart") {
    SsrcMap<int> map;
    CHECK(map.find(Ssrc(0)) == nullptr);
    for (std::uint32_t i = 0; i < 1'000; ++i) map[Ssrc(i)] += static_cast<int>(i) + 1;
    for (std::uint32_t i = 0; i < 1'000; ++i) map[Ssrc(i)] += 1;
    CHECK(map.size() == 1'000);
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        REQUIRE(map.find(Ssrc(i)));
        CHECK(*map.find(Ssrc(i)) == static_cast<int>(i) + 2);
    }
    CHECK(map.find(Ssrc(1'000)) == nullptr);
    CHECK(map.find(Ssrc(0xffffffff)) == nullptr);
}

TEST_CASE("a cleared table by SSRC knows nothing of what was in it") {
    SsrcMap<int> map;
    for (std::uint32_t i = 0; i < 20; ++i) map[Ssrc(i)] = 7;
    map.clear();
    CHECK(map.size() == 0);
    CHECK(map.find(Ssrc(3)) == nullptr);
    CHECK(map[Ssrc(3)] == 0);
    CHECK(map.size() == 1);
}
