// VisitorSelectionStrategy: visitors and participants of a conference on bridges of their own,
// each kind placed by a strategy of its own; mixed only where there is no other way.
#pragma once

#include "focus/bridges/selection.hpp"

namespace jmeet::focus {

class SelectVisitor final : public SelectionStrategy {
 public:
    SelectVisitor(std::unique_ptr<SelectionStrategy> participants,
                  std::unique_ptr<SelectionStrategy> visitors)
        : participants_(std::move(participants)), visitors_(std::move(visitors)) {}

    Bridge* select(const BridgePointers& candidates,
                   const std::vector<ConferenceBridge>& conference,
                   const ParticipantProperties& participant, TimePoint now) override;
    std::string name() const override { return "VisitorSelectionStrategy"; }

 private:
    std::unique_ptr<SelectionStrategy> participants_;
    std::unique_ptr<SelectionStrategy> visitors_;
};

}  // namespace jmeet::focus
