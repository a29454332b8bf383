// SplitBridgeSelectionStrategy: spreads a conference over all bridges, one participant after the
// other. For trying relays out; it looks at no load.
#pragma once

#include "focus/bridges/selection.hpp"

namespace jmeet::focus {

class SelectSplit final : public SelectionStrategy {
 public:
    Bridge* select(const BridgePointers& candidates,
                   const std::vector<ConferenceBridge>& conference,
                   const ParticipantProperties& participant, TimePoint now) override;
    std::string name() const override { return "SplitBridgeSelectionStrategy"; }
};

}  // namespace jmeet::focus
