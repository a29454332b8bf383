#include "focus/bridges/select_intra_region.hpp"

#include "focus/bridges/candidates.hpp"

namespace jmeet::focus {
namespace {

using Wish = CandidateWish;

constexpr Wish kFirst[] = {
    {Wish::Where::anywhere, Wish::Near::region, Wish::Load::fits},
    {Wish::Where::anywhere, Wish::Near::anywhere, Wish::Load::any},
};
constexpr Wish kNext[] = {
    {Wish::Where::in_conference, Wish::Near::region, Wish::Load::fits},
    {Wish::Where::anywhere, Wish::Near::region, Wish::Load::fits},
    {Wish::Where::in_conference, Wish::Near::region, Wish::Load::any},
};

}  // namespace

Bridge* SelectIntraRegion::select(const BridgePointers& candidates,
                                  const std::vector<ConferenceBridge>& conference,
                                  const ParticipantProperties& participant, TimePoint now) {
    const Candidates among(candidates, conference, config_, now);
    if (conference.empty()) return among.first(kFirst, participant.region);
    return among.first(kNext, conference.front().bridge->region());
}

}  // namespace jmeet::focus
