#include <doctest/doctest.h>

#include "bridge/speech/dominant_speaker.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

const EndpointId kA("a");
const EndpointId kB("b");

// Packets of 20 ms and a decision every 300 ms, from `from` on.
struct Room {
    DominantSpeaker detector;
    TimePoint now{};
    int changes = 0;
    int silences = 0;
    int tick = 0;

    void run(milliseconds time, int a, int b) {
        const TimePoint end = now + time;
        for (; now < end; now += milliseconds(20)) {
            if (a >= 0) detector.on_level(kA, static_cast<std::uint8_t>(a), now);
            if (b >= 0) detector.on_level(kB, static_cast<std::uint8_t>(b), now);
            if (++tick % 15) continue;
            if (const auto change = detector.decide(now)) {
                ++changes;
                if (!change->dominant) ++silences;
            }
        }
    }
};

}  // namespace

TEST_CASE("scores follow the table") {
    using doctest::Approx;
    const double immediate[] = {0.9298, 2.2976, 3.3653, 4.1453, 4.6376,
                                4.8298, 4.6935, 4.1743, 3.1625};
    for (int v = 0; v <= 3; ++v) CHECK(speech_activity_score(v, 13, 0.78) == 1e-10);
    for (int v = 4; v <= 12; ++v) {
        CHECK(speech_activity_score(v, 13, 0.78) == Approx(immediate[v - 4]).epsilon(1e-4));
    }
    const double medium[] = {18.966, 43.659, 67.659, 90.966, 113.356};
    for (int v = 1; v <= 5; ++v) {
        CHECK(speech_activity_score(v, 5, 24) == Approx(medium[v - 1]).epsilon(1e-4));
    }
    const double longer[] = {38.521,  87.025,  135.006, 182.565, 229.748,
                             276.565, 323.006, 369.025, 414.521, 459.218};
    for (int v = 1; v <= 10; ++v) {
        CHECK(speech_activity_score(v, 10, 47) == Approx(longer[v - 1]).epsilon(1e-4));
    }
}

TEST_CASE("a single participant is dominant without saying a word, once") {
    Room room;
    room.run(seconds(5), 0, -1);
    CHECK(room.detector.dominant() == kA);
    CHECK(room.changes == 1);
}

TEST_CASE("who starts to talk while the other is quiet takes over") {
    Room room;
    room.run(seconds(2), 0, -1);
    room.run(seconds(2), 5, 5);
    CHECK(room.detector.dominant() == kA);
    room.run(seconds(3), 5, 95);
    CHECK(room.detector.dominant() == kB);
    room.run(seconds(3), 5, 5);
    CHECK(room.detector.dominant() == kB);
    room.run(seconds(3), 95, 5);
    CHECK(room.detector.dominant() == kA);
}

TEST_CASE("a cough does not take over from a speaker, nor does an equally loud voice") {
    Room room;
    room.run(seconds(2), 5, 5);
    room.run(seconds(3), 95, 5);
    REQUIRE(room.detector.dominant() == kA);
    room.run(milliseconds(80), 95, 110);
    room.run(seconds(1), 95, 5);
    CHECK(room.detector.dominant() == kA);
    room.run(seconds(5), 95, 95);
    CHECK(room.detector.dominant() == kA);
}

TEST_CASE("a speaker whose packets stop is quiet") {
    Room room;
    room.run(seconds(2), 5, 5);
    room.run(seconds(3), 95, 5);
    REQUIRE(room.detector.dominant() == kA);
    room.run(seconds(3), -1, 95);
    CHECK(room.detector.dominant() == kB);
}

TEST_CASE("a noisy line is its own floor") {
    SpeakerLevels noisy(TimePoint{});
    TimePoint now{};
    for (int i = 0; i < 100; ++i) {
        now += milliseconds(20);
        noisy.on_level(85, now);
    }
    noisy.score(now);
    CHECK(noisy.noise_floor() == 85);
    CHECK(noisy.long_score() == 1e-10);
    // The floor of one loud word sinks with the first quiet packet.
    now += milliseconds(20);
    noisy.on_level(20, now);
    CHECK(noisy.noise_floor() == 20);
    // And rises to the geometric mean after a window of louder ones.
    for (int i = 0; i < 750; ++i) {
        now += milliseconds(20);
        noisy.on_level(80, now);
    }
    CHECK(noisy.noise_floor() == 40);
}

TEST_CASE("with silence detection a single quiet participant alternates with silence") {
    Room room;
    room.detector = DominantSpeaker({true, seconds(3)});
    room.run(seconds(2), 5, -1);
    for (int i = 0; i < 4; ++i) {
        room.run(seconds(3), 95, -1);
        CHECK(room.detector.dominant() == kA);
        room.run(seconds(8), 5, -1);
        CHECK_FALSE(room.detector.dominant());
    }
    CHECK(room.silences == 4);
}

TEST_CASE("who leaves is forgotten") {
    Room room;
    room.run(seconds(2), 0, -1);
    room.detector.remove(kA);
    CHECK_FALSE(room.detector.dominant());
    CHECK_FALSE(room.detector.decide(room.now));
    CHECK(room.detector.active(room.now + seconds(14)));
    CHECK_FALSE(room.detector.active(room.now + seconds(16)));
}
