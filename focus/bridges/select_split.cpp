#include "focus/bridges/select_split.hpp"

#include <algorithm>

namespace jmeet::focus {

Bridge* SelectSplit::select(const BridgePointers& candidates,
                            const std::vector<ConferenceBridge>& conference,
                            const ParticipantProperties&, TimePoint) {
    const auto participants_on = [&](const Bridge* bridge) {
        const auto use = std::find_if(conference.begin(), conference.end(),
                                      [&](const auto& c) { return c.bridge == bridge; });
        return use == conference.end() ? -1 : use->participants;
    };
    // A bridge without the conference counts as the emptiest.
    const auto best = std::min_element(
        candidates.begin(), candidates.end(),
        [&](const Bridge* a, const Bridge* b) { return participants_on(a) < participants_on(b); });
    return best == candidates.end() ? nullptr : *best;
}

}  // namespace jmeet::focus
