#include "focus/bridges/select_region.hpp"

#include <algorithm>

#include "focus/bridges/candidates.hpp"

namespace jmeet::focus {
namespace {

using Wish = CandidateWish;

// From the best to the one that is always there.
constexpr Wish kOrder[] = {
    {Wish::Where::in_conference, Wish::Near::region, Wish::Load::fits},
    {Wish::Where::in_conference, Wish::Near::group, Wish::Load::fits},
    {Wish::Where::anywhere, Wish::Near::region, Wish::Load::fits},
    {Wish::Where::anywhere, Wish::Near::group, Wish::Load::fits},
    {Wish::Where::in_conference, Wish::Near::anywhere, Wish::Load::fits},
    {Wish::Where::anywhere, Wish::Near::anywhere, Wish::Load::not_overloaded},
    {Wish::Where::in_conference, Wish::Near::anywhere, Wish::Load::not_full},
    {Wish::Where::anywhere, Wish::Near::anywhere, Wish::Load::any},
};

bool contains(const std::vector<std::string>& group, const std::string& region) {
    return std::find(group.begin(), group.end(), region) != group.end();
}

}  // namespace

Bridge* SelectRegion::select(const BridgePointers& candidates,
                             const std::vector<ConferenceBridge>& conference,
                             const ParticipantProperties& participant, TimePoint now) {
    const auto region = wanted_region(candidates, conference, participant);
    return Candidates(candidates, conference, config_, now).first(kOrder, region);
}

std::optional<std::string> SelectRegion::wanted_region(
    const BridgePointers& candidates, const std::vector<ConferenceBridge>& conference,
    const ParticipantProperties& participant) const {
    const auto& local = config_.local_region;
    if (!local) return participant.region;
    const auto wanted = participant.region ? participant.region : local;
    const auto group = region_group(config_.region_groups, wanted);
    // Who asked this focus is likely to be near it, and so are those who follow.
    if (conference.empty() && contains(group, *local)) return local;
    const bool served = std::any_of(candidates.begin(), candidates.end(), [&](const Bridge* b) {
        return b->region() && contains(group, *b->region());
    });
    return served ? wanted : local;
}

}  // namespace jmeet::focus
