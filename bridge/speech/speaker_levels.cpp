#include <algorithm>
#include <array>
#include <cmath>

#include "bridge/speech/dominant_speaker.hpp"

namespace jmeet::bridge {

namespace {

constexpr int kImmediateUnits = 13;
constexpr int kUnitWidth = 10;
constexpr int kLoudImmediate = 7;
constexpr int kLoudMedium = 4;
// 15 s of packets of 20 ms.
constexpr int kFloorWindow = 750;

double log_binomial(int n, int k) {
    return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
}

template <std::size_t N>
std::array<double, N> table(int n, double lambda) {
    std::array<double, N> out{};
    for (std::size_t v = 0; v < N; ++v) {
        out[v] = speech_activity_score(static_cast<int>(v), n, lambda);
    }
    return out;
}

}  // namespace

double speech_activity_score(int v, int n, double lambda) {
    const double score = log_binomial(n, v) - n * std::log(2.0) - std::log(lambda) + lambda * v;
    return std::max(score, kFloorScore);
}

void SpeakerLevels::on_level(std::uint8_t loudness, TimePoint now) {
    if (now < last_heard_) return;
    on_idle(now);
    last_heard_ = now;
    last_pushed_ = now;
    push(loudness);
    if (loudness > 0) track_floor(loudness);
}

void SpeakerLevels::on_idle(TimePoint now) {
    int pushes = 0;
    while (now - last_pushed_ > kIdleAfter) {
        last_pushed_ += kIdleAfter;
        push(0);
        if (++pushes < kImmediates) continue;
        // Everything that could be remembered is silence.
        last_pushed_ = now;
        return;
    }
}

void SpeakerLevels::push(std::uint8_t loudness) {
    newest_ = (newest_ + 1) % kImmediates;
    levels_[static_cast<std::size_t>(newest_)] = loudness;
}

// The quietest non-zero level is the speaker's floor; it rises slowly towards the quietest level
// of the last window.
void SpeakerLevels::track_floor(std::uint8_t loudness) {
    if (floor_ == 0 || loudness < floor_) {
        floor_ = loudness;
        next_floor_ = 0;
        floor_window_ = 0;
        return;
    }
    if (next_floor_ == 0 || loudness < next_floor_) next_floor_ = loudness;
    if (++floor_window_ < kFloorWindow) return;
    floor_ = static_cast<std::uint8_t>(std::sqrt(static_cast<double>(floor_ * next_floor_)));
    next_floor_ = 0;
    floor_window_ = 0;
}

void SpeakerLevels::score(TimePoint now) {
    static const auto kImmediateScores = table<kImmediateUnits>(kImmediateUnits, 0.78);
    static const auto kMediumScores = table<kPerMedium + 1>(kPerMedium, 24);
    static const auto kLongScores = table<kMediums + 1>(kMediums, 47);

    const auto immediate = [this](int i) {
        const int level = levels_[static_cast<std::size_t>((newest_ - i + kImmediates) %
                                                           kImmediates)];
        return level < floor_ + kAboveFloor ? 0 : level / kUnitWidth;
    };
    int newest_medium = 0;
    int loud_mediums = 0;
    for (int block = 0; block < kMediums; ++block) {
        int loud = 0;
        for (int i = 0; i < kPerMedium; ++i) {
            if (immediate(block * kPerMedium + i) > kLoudImmediate) ++loud;
        }
        if (block == 0) newest_medium = loud;
        if (loud > kLoudMedium) ++loud_mediums;
    }
    immediate_score_ = kImmediateScores[static_cast<std::size_t>(immediate(0))];
    medium_score_ = kMediumScores[static_cast<std::size_t>(newest_medium)];
    long_score_ = kLongScores[static_cast<std::size_t>(loud_mediums)];
    if (long_score_ > kFloorScore) last_loud_ = now;
}

}  // namespace jmeet::bridge
