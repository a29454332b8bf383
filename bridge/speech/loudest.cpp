#include "bridge/speech/loudest.hpp"

#include <algorithm>

namespace jmeet::bridge {

std::size_t Loudest::on_level(const EndpointId& speaker, std::uint8_t loudness,
                              std::uint8_t noise_floor, TimePoint now) {
    auto known = energies_.find(speaker);
    if (known == energies_.end()) {
        if (energies_.size() >= kMaxSpeakers) return config_.num_loudest;
        known = energies_.emplace(speaker, 0).first;
    }
    const int level = loudness >= noise_floor + kAboveFloor ? loudness : 0;
    const int alpha = config_.energy_alpha_pct;
    int& energy = known->second;
    energy = (alpha * level + (100 - alpha) * energy + 50) / 100;

    std::erase_if(ranking_, [&](const Ranked& r) {
        return r.speaker == speaker || now - r.heard > config_.energy_expire_time;
    });
    // Behind those who are as loud.
    const auto place = std::find_if(ranking_.begin(), ranking_.end(),
                                    [&](const Ranked& r) { return r.energy < energy; });
    const auto rank = static_cast<std::size_t>(place - ranking_.begin());
    ranking_.insert(place, {speaker, energy, now});
    if (ranking_.size() > config_.num_loudest) ranking_.pop_back();
    return rank;
}

void Loudest::remove(const EndpointId& speaker) {
    energies_.erase(speaker);
    std::erase_if(ranking_, [&](const Ranked& r) { return r.speaker == speaker; });
}

int Loudest::energy(const EndpointId& speaker) const {
    const auto known = energies_.find(speaker);
    return known == energies_.end() ? 0 : known->second;
}

}  // namespace jmeet::bridge
