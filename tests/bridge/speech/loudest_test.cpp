#include "bridge/speech/loudest.hpp"

#include <doctest/doctest.h>

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

const EndpointId a("a"), b("b"), c("c"), d("d");

TimePoint at(int ms) { return TimePoint{} + milliseconds(ms); }

}  // namespace

TEST_CASE("energy is the loudness above the noise, smoothed and rounded") {
    const LoudestConfig config;
    Loudest loudest(config);
    const auto hear = [&](int loudness, int floor) {
        loudest.on_level(a, static_cast<std::uint8_t>(loudness), static_cast<std::uint8_t>(floor),
                         at(0));
        return loudest.energy(a);
    };
    CHECK(hear(80, 20) == 40);   // (50 * 80 + 50 * 0 + 50) / 100
    CHECK(hear(80, 20) == 60);
    CHECK(hear(81, 20) == 71);   // 70.5 is rounded up
    CHECK(hear(30, 20) == 51);   // just above the noise
    CHECK(hear(29, 20) == 26);   // noise
    CHECK(hear(127, 118) == 13);
}

TEST_CASE("the loudest three are routed, in the order of their energy") {
    const LoudestConfig config;
    Loudest loudest(config);
    CHECK(loudest.on_level(a, 60, 0, at(0)) == 0);
    CHECK(loudest.on_level(b, 80, 0, at(1)) == 0);
    CHECK(loudest.on_level(c, 40, 0, at(2)) == 2);
    CHECK(loudest.on_level(d, 20, 0, at(3)) == 3);
    CHECK_FALSE(loudest.routes(3));
    CHECK(loudest.routes(2));
    // Louder than the last of them.
    CHECK(loudest.on_level(d, 90, 0, at(4)) == 0);
    CHECK(loudest.on_level(c, 40, 0, at(5)) == 3);  // (50 * 40 + 50 * 20 + 50) / 100 = 30
    CHECK(loudest.on_level(a, 60, 0, at(6)) == 1);  // 45, behind d's 50
}

TEST_CASE("who is as loud comes behind, and who has it keeps it") {
    LoudestConfig config;
    config.num_loudest = 1;
    Loudest loudest(config);
    CHECK(loudest.on_level(a, 60, 0, at(0)) == 0);
    CHECK(loudest.on_level(b, 60, 0, at(1)) == 1);
    CHECK(loudest.on_level(a, 60, 0, at(20)) == 0);
    CHECK(loudest.on_level(b, 60, 0, at(21)) == 1);
}

TEST_CASE("who has not been heard for 150 ms makes room") {
    LoudestConfig config;
    config.num_loudest = 1;
    Loudest loudest(config);
    CHECK(loudest.on_level(a, 90, 0, at(0)) == 0);
    CHECK(loudest.on_level(b, 30, 0, at(150)) == 1);
    CHECK(loudest.on_level(b, 30, 0, at(151)) == 0);
    // Its energy is kept meanwhile.
    CHECK(loudest.on_level(a, 90, 0, at(160)) == 0);
    CHECK(loudest.energy(a) == 68);
}

TEST_CASE("who leaves makes room at once") {
    LoudestConfig config;
    config.num_loudest = 1;
    Loudest loudest(config);
    loudest.on_level(a, 90, 0, at(0));
    CHECK(loudest.on_level(b, 30, 0, at(1)) == 1);
    loudest.remove(a);
    CHECK(loudest.energy(a) == 0);
    CHECK(loudest.on_level(b, 30, 0, at(2)) == 0);
}
