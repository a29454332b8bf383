// IntraRegionBridgeSelectionStrategy: as many bridges of one region as the conference needs, and
// of no other region.
#pragma once

#include "focus/bridges/selection.hpp"

namespace jmeet::focus {

class SelectIntraRegion final : public SelectionStrategy {
 public:
    explicit SelectIntraRegion(const BridgeConfig& config) : config_(config) {}

    Bridge* select(const BridgePointers& candidates,
                   const std::vector<ConferenceBridge>& conference,
                   const ParticipantProperties& participant, TimePoint now) override;
    std::string name() const override { return "IntraRegionBridgeSelectionStrategy"; }

 private:
    const BridgeConfig& config_;
};

}  // namespace jmeet::focus
