#include "focus/bridges/select_visitor.hpp"

namespace jmeet::focus {

Bridge* SelectVisitor::select(const BridgePointers& candidates,
                              const std::vector<ConferenceBridge>& conference,
                              const ParticipantProperties& participant, TimePoint now) {
    SelectionStrategy& strategy = participant.visitor ? *visitors_ : *participants_;
    std::vector<ConferenceBridge> own_kind;
    BridgePointers eligible = candidates;
    for (const ConferenceBridge& use : conference) {
        if (use.visitor == participant.visitor) {
            own_kind.push_back(use);
        } else {
            std::erase(eligible, use.bridge);
        }
    }
    Bridge* const apart = strategy.select(eligible, own_kind, participant, now);
    return apart ? apart : strategy.select(candidates, conference, participant, now);
}

}  // namespace jmeet::focus
