#include "focus/codec_preferences.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace jmeet::focus {

bool CodecPreferences::add(const std::vector<std::string>& list) { return apply(list, 1); }

bool CodecPreferences::remove(const std::vector<std::string>& list) { return apply(list, -1); }

bool CodecPreferences::apply(const std::vector<std::string>& list, int sign) {
    lists_ += sign;
    std::set<std::string> seen;
    for (const std::string& codec : list) {
        const auto place = static_cast<std::int64_t>(seen.size());
        if (!seen.insert(codec).second) continue;
        Rank& rank = ranks_[codec];
        rank.lists += sign;
        rank.places += sign * place;
        if (rank.lists <= 0) ranks_.erase(codec);
    }
    std::vector<std::string> common;
    for (const auto& [codec, rank] : ranks_) {
        if (rank.lists == lists_) common.push_back(codec);
    }
    std::stable_sort(common.begin(), common.end(), [this](const auto& a, const auto& b) {
        return ranks_.at(a).places < ranks_.at(b).places;
    });
    return std::exchange(common_, common) != common;
}

}  // namespace jmeet::focus
