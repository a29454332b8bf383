#include "focus/bridges/candidates.hpp"

#include <algorithm>

namespace jmeet::focus {

Bridge* Candidates::first(std::span<const CandidateWish> wishes,
                          const std::optional<std::string>& region) const {
    for (const CandidateWish& wish : wishes) {
        for (Bridge* const bridge : bridges_) {
            if (meets(*bridge, wish, region)) return bridge;
        }
    }
    return nullptr;
}

const ConferenceBridge* Candidates::in_conference(const Bridge& bridge) const {
    for (const ConferenceBridge& use : conference_) {
        if (use.bridge == &bridge) return &use;
    }
    return nullptr;
}

bool Candidates::meets(Bridge& bridge, const CandidateWish& wish,
                       const std::optional<std::string>& region) const {
    if (wish.where == CandidateWish::Where::in_conference && !in_conference(bridge)) return false;
    return near(bridge, wish.near, region) && bears(bridge, wish.load);
}

bool Candidates::near(const Bridge& bridge, CandidateWish::Near wanted,
                      const std::optional<std::string>& region) const {
    if (wanted == CandidateWish::Near::anywhere) return true;
    if (!region || !bridge.region()) return false;
    if (wanted == CandidateWish::Near::region) return bridge.region() == region;
    const auto group = region_group(config_.region_groups, region);
    return std::find(group.begin(), group.end(), *bridge.region()) != group.end();
}

bool Candidates::bears(Bridge& bridge, CandidateWish::Load wanted) const {
    using Load = CandidateWish::Load;
    const ConferenceBridge* const use = in_conference(bridge);
    if (wanted == Load::any) return true;
    if (wanted == Load::not_full) return !use || !full(*use);
    if (bridge.overloaded(now_)) return false;
    return wanted == Load::not_overloaded || !use || !(full(*use) || joined_too_fast(*use, config_));
}

bool Candidates::full(const ConferenceBridge& use) const {
    return config_.max_participants > 0 && use.participants >= config_.max_participants;
}

}  // namespace jmeet::focus
