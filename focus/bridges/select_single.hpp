// SingleBridgeSelectionStrategy: a conference lives on one bridge, in the region of its first
// participant where there is a bridge of that region, whatever its stress.
#pragma once

#include "focus/bridges/selection.hpp"

namespace jmeet::focus {

class SelectSingle final : public SelectionStrategy {
 public:
    Bridge* select(const BridgePointers& candidates,
                   const std::vector<ConferenceBridge>& conference,
                   const ParticipantProperties& participant, TimePoint now) override;
    std::string name() const override { return "SingleBridgeSelectionStrategy"; }
};

}  // namespace jmeet::focus
