// Who speaks: dominant speaker identification by Volfin and Cohen ("Dominant Speaker
// Identification for Multipoint Videoconferencing", 2012) with the constants that JVB uses.
//
// One per conference, on its media worker. on_level() is called for every audio packet and does
// not allocate once a speaker is known; decide() is called every kDecisionInterval.
// LIMIT: kMaxSpeakers; further endpoints are never dominant.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace jmeet::bridge {

constexpr milliseconds kDecisionInterval{300};

// LIMIT: more people than one conference on one bridge can have.
constexpr std::size_t kMaxSpeakers = 1'000;

// Quieter than this above a speaker's own noise is no speech.
constexpr int kAboveFloor = 10;
// The score of who says nothing: its logarithm is taken.
constexpr double kFloorScore = 1e-10;

// One participant's levels. Loudness 0..127.
class SpeakerLevels {
 public:
    static constexpr int kImmediates = 50;
    static constexpr int kPerMedium = 5;
    static constexpr int kMediums = kImmediates / kPerMedium;
    static constexpr milliseconds kIdleAfter{40};

    explicit SpeakerLevels(TimePoint now)
        : last_pushed_(now), last_heard_(now), last_loud_(now) {}

    void on_level(std::uint8_t loudness, TimePoint now);
    // Pushes a zero for every kIdleAfter in which no level came.
    void on_idle(TimePoint now);
    void score(TimePoint now);

    double immediate_score() const { return immediate_score_; }
    double medium_score() const { return medium_score_; }
    double long_score() const { return long_score_; }
    // When a level was last heard, and when the long score was last above its floor.
    TimePoint last_heard() const { return last_heard_; }
    TimePoint last_loud() const { return last_loud_; }
    std::uint8_t noise_floor() const { return floor_; }

 private:
    void push(std::uint8_t loudness);
    void track_floor(std::uint8_t loudness);

    std::array<std::uint8_t, kImmediates> levels_{};  // ring; newest at newest_
    int newest_ = 0;
    std::uint8_t floor_ = 0;
    std::uint8_t next_floor_ = 0;
    int floor_window_ = 0;
    TimePoint last_pushed_;
    TimePoint last_heard_;
    TimePoint last_loud_;
    double immediate_score_ = 1e-10;
    double medium_score_ = 1e-10;
    double long_score_ = 1e-10;
};

// ln C(n, v) + n ln 0.5 - ln lambda + lambda v, at least 1e-10.
double speech_activity_score(int v, int n, double lambda);

struct SilenceDetection {
    bool enabled = false;
    seconds timeout{3};
};

class DominantSpeaker {
 public:
    explicit DominantSpeaker(SilenceDetection silence = {}) : silence_(silence) {}

    void on_level(const EndpointId& endpoint, std::uint8_t loudness, TimePoint now);
    void remove(const EndpointId& endpoint);

    struct Change {
        std::optional<EndpointId> dominant{};  // empty = silence began
    };
    // Every kDecisionInterval. A value only when the dominant speaker changed.
    std::optional<Change> decide(TimePoint now);

    const std::optional<EndpointId>& dominant() const { return dominant_; }
    // The level that counts as silence of this speaker; 0 where nothing is known.
    std::uint8_t noise_floor(const EndpointId& endpoint) const {
        const auto it = speakers_.find(endpoint);
        return it == speakers_.end() ? std::uint8_t{0} : it->second.noise_floor();
    }
    // False 15 s after the last level: decide() need not be scheduled until the next level.
    bool active(TimePoint now) const;

 private:
    using Speakers = std::unordered_map<EndpointId, SpeakerLevels>;

    void sweep(TimePoint now);
    const EndpointId* challenger(const EndpointId& incumbent) const;
    bool silent(const EndpointId& speaker, TimePoint now) const;
    std::optional<Change> change_to(const EndpointId& speaker);

    SilenceDetection silence_;
    Speakers speakers_;
    std::optional<EndpointId> dominant_;
    bool in_silence_ = false;
    std::optional<TimePoint> last_level_;
};

}  // namespace jmeet::bridge
