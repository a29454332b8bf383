// Conference: going on with what another process began, and finding out what has changed while we
// were out of the room.
#include "focus/conference.hpp"

namespace jmeet::focus {

void Conference::adopt(const ConferenceRecord& record) {
    if (record.meeting_id != state_.meeting_id) return;  // another meeting under the same name
    state_.moderation = record.moderation;
    state_.presence.shared_document = record.shared_document;
    for (const ParticipantRecord& was : record.participants) {
        Member& member = state_.members.add(state_.room.with_resource(was.id));
        member.unconfirmed = true;
        member.real_jid = was.real_jid;
        member.stats_id = was.stats_id;
        member.features = was.features;
        auto& slot = state_.participants[was.id];
        slot = std::make_unique<Participant>(member, state_);
        slot->sid = was.sid;
        if (was.sid.empty()) continue;
        slot->session = was.accepted ? SessionState::active : SessionState::pending;
        if (!state_.sources.try_add(was.id, was.sources)) slot->session = SessionState::pending;
    }
    for (const auto& [id, participant] : state_.participants) {
        if (participant->session == SessionState::active) signaling_.adopt(*participant);
    }
    if (!state_.participants.empty()) initial_timer_.cancel();
    if (!record.bridge) return;
    const auto bridge = state_.focus.bridges.find(record.bridge->jid);
    if (!bridge || process_of(*bridge) != record.bridge->process) return;
    std::vector<ConferenceBridges::Adopted> placed;
    for (const auto& was : record.participants) {
        if (!was.sid.empty()) placed.push_back({was.id, was.stats_id, was.visitor, was.force_mute});
    }
    if (!placed.empty()) bridges_->adopt(bridge, record.bridge->session_id, placed);
}

// Whoever is in the room has been reported.
void Conference::reconcile() {
    std::vector<std::string> gone;
    for (const Member& member : state_.members.all()) {
        if (member.unconfirmed) gone.push_back(member.id);
    }
    for (const std::string& id : gone) {
        if (!ended()) on_member_left(id, {});
    }
    if (ended()) return;
    roles_.on_members_changed();
    update_sender_limits();
    ask_bridge_again();
    inviter_->invite_waiting();
}

// The bridge refuses the sources of an endpoint that it does not know, and then that one, or
// everybody, is invited anew. Nothing happens where all agree.
void Conference::ask_bridge_again() {
    std::vector<std::string> lost;
    for (const auto& [id, participant] : state_.participants) {
        const bool placed = !bridges_->session_id_of(id).empty();
        if (participant->session == SessionState::active && placed) {
            sessions_->tell_bridge_again(id);
        } else if (participant->session != SessionState::none && !participant->inviting) {
            lost.push_back(id);
        }
    }
    if (!lost.empty()) on_reinvite(lost, "the focus was restarted");
}

}  // namespace jmeet::focus
