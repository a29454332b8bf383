#include <doctest/doctest.h>

#include "bridge/audio_filter.hpp"

using namespace jmeet::bridge;

TEST_CASE("four silent packets pass, then none until somebody speaks") {
    AudioFilter filter;
    for (int i = 0; i < 4; ++i) {
        CHECK(filter.on_packet(127, AudioMute::off).verdict == AudioVerdict::forward);
    }
    for (int i = 0; i < 100; ++i) {
        CHECK(filter.on_packet(127, AudioMute::off).verdict == AudioVerdict::drop_silence);
    }
    CHECK(filter.on_packet(30, AudioMute::off).loudness == 97);
    CHECK(filter.on_packet(127, AudioMute::off).verdict == AudioVerdict::forward);
}

TEST_CASE("packets without a level pass and say nothing of loudness") {
    AudioFilter filter;
    const auto decision = filter.on_packet(std::nullopt, AudioMute::off);
    CHECK(decision.verdict == AudioVerdict::forward);
    CHECK_FALSE(decision.loudness.has_value());
}

TEST_CASE("forced mute drops everything, with and without a level") {
    AudioFilter filter;
    CHECK(filter.on_packet(10, AudioMute::forced).verdict == AudioVerdict::drop_forced_mute);
    CHECK(filter.on_packet(std::nullopt, AudioMute::forced).verdict ==
          AudioVerdict::drop_forced_mute);
}
