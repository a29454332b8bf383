// Loudest-only routing: of the people who speak at a time, the audio of a few goes on
// (videobridge.loudest.* of JVB; off unless asked for).
//
// Energy is the loudness, smoothed; what is not above the speaker's own noise counts as nothing.
// The list holds the loudest few by falling energy; who has not been heard for a moment leaves it.
//
// One per conference, on its media worker. on_level() is called for every audio packet and
// allocates only for a new speaker. LIMIT: kMaxSpeakers; further ones are never among the loudest.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/speech/dominant_speaker.hpp"

namespace jmeet::bridge {

struct LoudestConfig {
    bool route_loudest_only = false;
    std::size_t num_loudest = 3;
    bool always_route_dominant = true;
    milliseconds energy_expire_time{150};
    int energy_alpha_pct = 50;
};

class Loudest {
 public:
    explicit Loudest(const LoudestConfig& config) : config_(config) {}

    // `noise_floor`: of this speaker, as SpeakerLevels knows it. The answer is the place of the
    // speaker in the list, from 0; the list's size for one who is not in it.
    std::size_t on_level(const EndpointId& speaker, std::uint8_t loudness,
                         std::uint8_t noise_floor, TimePoint now);
    bool routes(std::size_t rank) const { return rank < config_.num_loudest; }
    void remove(const EndpointId& speaker);

    int energy(const EndpointId& speaker) const;

 private:
    struct Ranked {
        EndpointId speaker;
        int energy = 0;
        TimePoint heard{};
    };

    const LoudestConfig& config_;
    std::unordered_map<EndpointId, int> energies_;
    std::vector<Ranked> ranking_;
};

}  // namespace jmeet::bridge
