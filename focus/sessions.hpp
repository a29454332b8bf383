// Jingle requests of participants: session-accept, -terminate, -info, transport-info, source-add,
// source-remove. Each is answered before the next one is read, with the errors of Jicofo.
//
// Owned by Conference; control thread; never waits.
#pragma once

#include "focus/invite.hpp"

namespace jmeet::focus {

class JingleSessions {
 public:
    JingleSessions(ConferenceState& conference, ConferenceBridges& bridges,
                   SourceSignaling& signaling, Inviter& inviter, TaskGroup& tasks);

    // The whole answer to the IQ.
    xmpp::Element answer(const xmpp::Element& iq);
    // All its sources once more: a bridge that does not know the endpoint says so.
    void tell_bridge_again(const std::string& id) {
        update_sources(*conference_.participant(id));
    }

 private:
    // Empty: an empty result.
    using Refusal = std::optional<xmpp::StanzaError>;

    Refusal dispatch(const std::string& id, const xmpp::Element& payload);
    Refusal find_session(const std::string& id, const xmpp::JingleHead& head) const;
    Refusal on_accept(Participant& participant, const xmpp::Jingle& jingle);
    Refusal on_transport_info(Participant& participant, const xmpp::Jingle& jingle);
    Refusal on_source_add(Participant& participant, const xmpp::Jingle& jingle);
    Refusal on_source_remove(Participant& participant, const xmpp::Jingle& jingle);
    Refusal on_terminate(Participant& participant, const xmpp::Jingle& jingle);
    Refusal on_info(Participant& participant, const xmpp::Jingle& jingle);
    Refusal on_ice_restart(Participant& participant, const std::string& bridge_session);
    void end(Participant& participant);
    Refusal check_senders(const EndpointSourceSet& added) const;
    void update_sources(const Participant& participant);
    awaitable<void> restart_ice(std::string id, std::string sid);
    void relay_transport(Participant& participant, const xmpp::IceUdpTransport& transport);
    bool is_visitor(const Participant& participant) const;

    ConferenceState& conference_;
    ConferenceBridges& bridges_;
    SourceSignaling& signaling_;
    Inviter& inviter_;
    TaskGroup& tasks_;
    log::Logger log_;
};

}  // namespace jmeet::focus
