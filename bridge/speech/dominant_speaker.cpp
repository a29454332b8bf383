#include "bridge/speech/dominant_speaker.hpp"

#include <cmath>

namespace jmeet::bridge {

namespace {

// How far a challenger must be ahead, as a logarithm, for each interval.
constexpr double kImmediateLead = 3;
constexpr double kMediumLead = 2;
constexpr double kLongLead = 0;
constexpr seconds kSleepAfter{15};
constexpr std::chrono::hours kForgetAfter{1};

}  // namespace

void DominantSpeaker::on_level(const EndpointId& endpoint, std::uint8_t loudness, TimePoint now) {
    last_level_ = now;
    auto it = speakers_.find(endpoint);
    if (it == speakers_.end()) {
        if (speakers_.size() >= kMaxSpeakers) return;
        it = speakers_.emplace(endpoint, SpeakerLevels(now)).first;
    }
    it->second.on_level(loudness > 127 ? std::uint8_t{127} : loudness, now);
}

void DominantSpeaker::remove(const EndpointId& endpoint) {
    speakers_.erase(endpoint);
    if (dominant_ == endpoint) dominant_.reset();
}

bool DominantSpeaker::active(TimePoint now) const {
    return last_level_ && now - *last_level_ <= kSleepAfter;
}

void DominantSpeaker::sweep(TimePoint now) {
    for (auto it = speakers_.begin(); it != speakers_.end();) {
        const bool gone = now - it->second.last_heard() > kForgetAfter && dominant_ != it->first;
        if (gone) {
            it = speakers_.erase(it);
            continue;
        }
        it->second.on_idle(now);
        it->second.score(now);
        ++it;
    }
}

// The strongest of those who are ahead of the incumbent in all three intervals. In silence the
// incumbent counts as if nothing had been heard of it.
const EndpointId* DominantSpeaker::challenger(const EndpointId& incumbent) const {
    const SpeakerLevels& held = speakers_.at(incumbent);
    const double immediate = in_silence_ ? kFloorScore : held.immediate_score();
    const double medium = in_silence_ ? kFloorScore : held.medium_score();
    const double longer = in_silence_ ? kFloorScore : held.long_score();
    const EndpointId* best = nullptr;
    double best_lead = kMediumLead;
    for (const auto& [id, speaker] : speakers_) {
        if (id == incumbent) continue;
        const double c1 = std::log(speaker.immediate_score() / immediate);
        const double c2 = std::log(speaker.medium_score() / medium);
        const double c3 = std::log(speaker.long_score() / longer);
        if (c1 > kImmediateLead && c2 > best_lead && c3 > kLongLead) {
            best = &id;
            best_lead = c2;
        }
    }
    return best;
}

bool DominantSpeaker::silent(const EndpointId& speaker, TimePoint now) const {
    return silence_.enabled && now - speakers_.at(speaker).last_loud() > silence_.timeout;
}

std::optional<DominantSpeaker::Change> DominantSpeaker::change_to(const EndpointId& speaker) {
    in_silence_ = false;
    if (dominant_ == speaker) return std::nullopt;
    dominant_ = speaker;
    return Change{speaker};
}

std::optional<DominantSpeaker::Change> DominantSpeaker::decide(TimePoint now) {
    sweep(now);
    if (speakers_.empty()) return std::nullopt;
    // Without anybody dominant, somebody is the incumbent for this round.
    const EndpointId incumbent = dominant_ ? *dominant_ : speakers_.begin()->first;
    if (const EndpointId* winner = challenger(incumbent)) return change_to(*winner);
    if (!silent(incumbent, now)) return change_to(incumbent);
    if (in_silence_) return std::nullopt;
    in_silence_ = true;
    const bool was_speaking = dominant_.has_value();
    dominant_.reset();
    return was_speaking ? std::optional(Change{}) : std::nullopt;
}

}  // namespace jmeet::bridge
