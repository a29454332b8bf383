// A bridge on another machine: COLIBRI2 and health checks as IQs to its occupant JID in the
// brewery. Requests are of type get, as Jicofo sends them.
#pragma once

#include "focus/bridges/bridge_link.hpp"
#include "xmpp/iq.hpp"

namespace jmeet::focus {

class LinkRemote final : public BridgeLink {
 public:
    LinkRemote(xmpp::IqRouter& iq, xmpp::Jid bridge, Duration deadline)
        : iq_(iq), bridge_(std::move(bridge)), deadline_(deadline) {}
    awaitable<BridgeAnswer> modify(xmpp::colibri2::ConferenceModify request) override;
    awaitable<BridgeAnswer> check_health() override;

 private:
    awaitable<xmpp::IqResult<xmpp::Element>> ask(xmpp::Element payload);

    xmpp::IqRouter& iq_;
    xmpp::Jid bridge_;
    Duration deadline_;
};

}  // namespace jmeet::focus
