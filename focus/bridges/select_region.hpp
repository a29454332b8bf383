// RegionBasedBridgeSelectionStrategy: a bridge of the participant's region or of a near one, best
// one that the conference uses already, as long as it can bear it.
#pragma once

#include "focus/bridges/selection.hpp"

namespace jmeet::focus {

class SelectRegion final : public SelectionStrategy {
 public:
    explicit SelectRegion(const BridgeConfig& config) : config_(config) {}

    Bridge* select(const BridgePointers& candidates,
                   const std::vector<ConferenceBridge>& conference,
                   const ParticipantProperties& participant, TimePoint now) override;
    std::string name() const override { return "RegionBasedBridgeSelectionStrategy"; }

 private:
    std::optional<std::string> wanted_region(const BridgePointers& candidates,
                                             const std::vector<ConferenceBridge>& conference,
                                             const ParticipantProperties& participant) const;

    const BridgeConfig& config_;
};

}  // namespace jmeet::focus
