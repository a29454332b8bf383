// The embedded SFU: COLIBRI2 by function call.
#pragma once

#include "focus/bridges/bridge_link.hpp"

namespace jmeet::focus {

class LinkLocal final : public BridgeLink {
 public:
    explicit LinkLocal(LocalBridgeCalls calls) : calls_(std::move(calls)) {}
    awaitable<BridgeAnswer> modify(xmpp::colibri2::ConferenceModify request) override;
    awaitable<BridgeAnswer> check_health() override;

 private:
    LocalBridgeCalls calls_;
};

}  // namespace jmeet::focus
