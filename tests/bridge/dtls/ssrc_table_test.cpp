#include "bridge/dtls/ssrc_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <list>
#include <random>

namespace jmeet::bridge {

TEST_CASE("a full table gives up the SSRC that was used longest ago") {
    SsrcTable table(3);
    CHECK_FALSE(table.touch(1));
    CHECK_FALSE(table.touch(2));
    CHECK_FALSE(table.touch(3));
    CHECK_FALSE(table.touch(1));
    CHECK(table.touch(4) == 2u);
    CHECK_FALSE(table.contains(2));
    CHECK(table.contains(1));
    CHECK(table.size() == 3);
}

TEST_CASE("the table agrees with a plain list over many random steps") {
    std::mt19937 random(3);
    SsrcTable table(64);
    std::list<std::uint32_t> model;  // most recently used first
    for (int step = 0; step < 20'000; ++step) {
        const std::uint32_t ssrc = random() % 150;
        const auto known = std::find(model.begin(), model.end(), ssrc);
        if (random() % 4 == 0) {
            CHECK(table.erase(ssrc) == (known != model.end()));
            if (known != model.end()) model.erase(known);
        } else {
            const auto gone = table.touch(ssrc);
            if (known != model.end()) {
                model.erase(known);
                CHECK_FALSE(gone);
            } else if (model.size() == 64) {
                CHECK(gone == model.back());
                model.pop_back();
            }
            model.push_front(ssrc);
        }
        REQUIRE(table.size() == model.size());
    }
    for (std::uint32_t ssrc = 0; ssrc < 150; ++ssrc) {
        const bool known = std::find(model.begin(), model.end(), ssrc) != model.end();
        CHECK(table.contains(ssrc) == known);
    }
}

}  // namespace jmeet::bridge
