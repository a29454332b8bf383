#include "focus/bridges/select_single.hpp"

namespace jmeet::focus {

Bridge* SelectSingle::select(const BridgePointers& candidates,
                             const std::vector<ConferenceBridge>& conference,
                             const ParticipantProperties& participant, TimePoint now) {
    if (conference.size() > 1) return nullptr;
    if (conference.size() == 1) {
        Bridge* const only = conference.front().bridge;
        return only->operational(now) ? only : nullptr;
    }
    if (candidates.empty()) return nullptr;
    if (participant.region) {
        for (Bridge* const bridge : candidates) {
            if (bridge->region() == participant.region) return bridge;
        }
    }
    return candidates.front();
}

}  // namespace jmeet::focus
