// JingleSessions: requests that end a session or repair it. The answer to a restart request leaves
// before the new offer, because a client forgets its session when the answer arrives.
#include "focus/sessions.hpp"

namespace jmeet::focus {

using xmpp::Jingle;
using xmpp::stanza_error;

JingleSessions::Refusal JingleSessions::on_terminate(Participant& participant,
                                                     const Jingle& jingle) {
    const std::string id = participant.id;
    const bool wants_restart = jingle.bridge_session && jingle.bridge_session->restart;
    const std::string named = jingle.bridge_session ? jingle.bridge_session->id : std::string();
    log_.info("Received session-terminate from {}: {}, restart={}", id,
              jingle.reason ? jingle.reason->condition + " " + jingle.reason->text : "no reason",
              wants_restart);
    if (wants_restart) ++conference_.focus.counters.restarts_requested;
    const bool reinvite = wants_restart && participant.restarts.accept(Clock::now());
    if (!named.empty() && named != bridges_.session_id_of(id)) {
        return stanza_error("item-not-found", named + " is not a currently active session");
    }
    if (!reinvite) {
        inviter_.terminate(id, {"gone", {}, SessionEnd::Tell::nobody});
        inviter_.tell_participants_changed();
        if (!wants_restart) return {};
        return stanza_error("resource-constraint", "rate-limited");
    }
    if (const auto bridge = bridges_.bridge_of(id)) {
        bridge->restart_requested(Clock::now());
        if (jingle.reason && jingle.reason->condition == "connectivity-error") {
            conference_.focus.bridges.on_ice_failed(*bridge, id);
        }
    }
    inviter_.restart(id);
    return {};
}

JingleSessions::Refusal JingleSessions::on_info(Participant& participant, const Jingle& jingle) {
    const std::string named = jingle.bridge_session ? jingle.bridge_session->id : std::string();
    if (jingle.bridge_session && jingle.bridge_session->ice_restart) {
        return on_ice_restart(participant, named);
    }
    if (jingle.ice_state != "failed") return {};
    ++conference_.focus.counters.ice_failed;
    if (named.empty() || named != bridges_.session_id_of(participant.id)) return {};
    log_.info("Received ICE failed notification from {}", participant.id);
    if (const auto bridge = bridges_.bridge_of(participant.id)) {
        bridge->restart_requested(Clock::now());
        conference_.focus.bridges.on_ice_failed(*bridge, participant.id);
    }
    inviter_.reinvite({participant.id});
    return {};
}

JingleSessions::Refusal JingleSessions::on_ice_restart(Participant& participant,
                                                       const std::string& bridge_session) {
    ++conference_.focus.counters.ice_restarts_requested;
    if (!conference_.focus.config.conference.enable_ice_restart) {
        return stanza_error("feature-not-implemented", "in-place ICE restart is disabled");
    }
    if (!participant.ice_restarts.accept(Clock::now())) {
        return stanza_error("resource-constraint", "rate-limited");
    }
    if (bridge_session.empty() || bridge_session != bridges_.session_id_of(participant.id)) {
        return stanza_error("item-not-found",
                            bridge_session + " is not a currently active session");
    }
    tasks_.spawn("ICE restart", restart_ice(participant.id, participant.sid));
    return {};
}

awaitable<void> JingleSessions::restart_ice(std::string id, std::string sid) {
    const IceRestart restart = co_await bridges_.restart_ice(id);
    Participant* const participant = conference_.participant(id);
    if (!participant || participant->sid != sid) co_return;
    FocusCounters& counters = conference_.focus.counters;
    switch (restart.outcome) {
        case IceRestart::Outcome::restarted:
            co_return relay_transport(*participant, *restart.transport);
        case IceRestart::Outcome::not_needed:
            ++counters.ice_restarts_not_needed;
            log_.info("The bridge keeps its ICE agent for {}.", id);
            co_return;
        case IceRestart::Outcome::refused:
            ++counters.ice_restarts_failed;
            log_.warning("The bridge refused an ICE restart for {}; inviting it again.", id);
            co_return inviter_.reinvite({id});
        case IceRestart::Outcome::failed:
            ++counters.ice_restarts_failed;
            co_return;
    }
}

void JingleSessions::relay_transport(Participant& participant,
                                     const xmpp::IceUdpTransport& transport) {
    // Answers may overtake each other: only what is newer than the last one counts.
    if (participant.relayed_ice_generation &&
        *transport.ice_generation <= *participant.relayed_ice_generation) {
        ++conference_.focus.counters.ice_restarts_failed;
        return;
    }
    ++conference_.focus.counters.ice_restarts_relayed;
    participant.relayed_ice_generation = transport.ice_generation;
    Jingle jingle;
    jingle.action = xmpp::JingleAction::transport_info;
    jingle.sid = participant.sid;
    xmpp::JingleContent& content = jingle.contents.emplace_back();
    content.creator = "initiator";
    content.name = "audio";
    content.transport = transport;
    count_jingle(conference_.focus.counters.jingle_sent, jingle.action);
    send_iq(conference_.focus, participant.occupant, xmpp::write_jingle(jingle));
}

}  // namespace jmeet::focus
