// Conference: people come and go, and the call begins and ends with them.
#include <algorithm>

#include "focus/conference.hpp"

namespace jmeet::focus {

void Conference::on_occupant_joined(const xmpp::Occupant& occupant) {
    if (ended() || occupant.nick == muc_.nick()) return;
    Member* known = state_.members.find(occupant.nick);
    if (known && known->unconfirmed && occupant.real_jid == known->real_jid) {
        // The same person, seen again after our connection was lost: the call went on.
        known->unconfirmed = false;
        take_presence(*known, occupant);
        return;
    }
    if (known) forget_member(occupant.nick);
    state_.changed = true;
    initial_timer_.cancel();
    Member& member = state_.members.add(occupant.jid);
    take_presence(member, occupant);
    roles_.on_members_changed();
    update_sender_limits();
    tasks_.spawn("discover features", discover(member.id, member.serial));
}

void Conference::take_presence(Member& member, const xmpp::Occupant& occupant) {
    const bool counted = member.counts_as_visitor();
    const std::vector<std::string> codecs = member.codecs;
    apply_presence(member, occupant, state_.focus.config.xmpp.trusted_domains);
    if (!member.counts_as_visitor()) return;
    if (counted) {
        visitors_.change(codecs, member.codecs);
    } else {
        visitors_.add(member.codecs);
    }
}

awaitable<void> Conference::discover(std::string id, std::uint64_t serial) {
    const Member* member = state_.members.find(id);
    const auto began = Clock::now();
    const xmpp::Jid occupant = member->occupant;
    std::optional<xmpp::EntityCaps> caps;
    if (member->caps) caps = {member->caps->node, member->caps->ver, member->caps->hash};
    const auto info = co_await state_.focus.client.caps().info_of(
        occupant, caps, state_.focus.config.xmpp.reply_timeout);
    Member* const now = state_.members.find(id);
    if (!now || now->serial != serial || ended()) co_return;
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - began);
    if (info) {
        now->features = parse_features({info->features.begin(), info->features.end()});
        if (now->caps) state_.focus.counters.caps.add(*now->caps, *now->features);
        state_.log.info("Discovered features for {} in {} ms.", occupant.to_string(),
                        took.count());
    } else {
        now->features = assumed_features();
        state_.log.warning("No features from {} ({}): assuming audio, video and data channels.",
                           occupant.to_string(), info.error().to_string());
    }
    on_member_ready(id);
}

void Conference::on_member_ready(const std::string& id) {
    const Member& member = *state_.members.find(id);
    state_.log.info(
        "Member joined:{} stats-id={} region={} audioMuted={} videoMuted={} role={} isJibri={} "
        "isJigasi={} isTranscriber={}, room=main",
        id, member.stats_id, member.region.value_or("null"), member.audio_muted,
        member.video_muted, to_string(member.role), member.jibri, member.jigasi,
        member.transcriber);
    // Visitors have rooms of their own; in the main room there are none.
    if (member.role == MemberRole::visitor) return;
    if (static_cast<int>(state_.members.size()) < min_participants()) return;
    single_timer_.cancel();
    if (state_.participants.empty()) return invite_everybody();
    inviter_->invite(member);
}

void Conference::invite_everybody() {
    for (const Member& member : state_.members.all()) {
        // Those whose features are not known yet follow as soon as they are.
        if (member.features && member.role != MemberRole::visitor) inviter_->invite(member);
    }
}

void Conference::on_presence_changed(const xmpp::Occupant& now, const xmpp::Occupant&) {
    Member* const member = state_.members.find(now.nick);
    if (!member || ended()) return;
    take_presence(*member, now);
    update_sender_limits();
}

void Conference::on_occupant_left(const xmpp::Occupant& last, xmpp::MucDeparture why,
                                  const xmpp::MucPresence& presence) {
    if (ended()) return;
    if (why == xmpp::MucDeparture::connection_lost) {
        // Ours, not theirs. Their media goes on; the room will say who is still there.
        if (Member* const member = state_.members.find(last.nick)) member->unconfirmed = true;
        return;
    }
    if (why == xmpp::MucDeparture::kicked) state_.log.info("Member kicked:{}", last.nick);
    on_member_left(last.nick, presence.text);
}

void Conference::on_member_left(const std::string& id, const std::string& status) {
    forget_member(id);
    check_if_over(status);
}

void Conference::forget_member(const std::string& id) {
    state_.log.info("Member left:{}", id);
    const Member* const member = state_.members.find(id);
    if (!member) return;
    if (member->counts_as_visitor()) visitors_.remove(member->codecs);
    state_.members.remove(id);
    state_.changed = true;
    if (state_.participant(id)) {
        inviter_->terminate(
            id, {"gone", {}, SessionEnd::Tell::nobody, SessionEnd::Sources::forget});
    } else {
        state_.log.warning("Participant not found for {}. Terminated already or never started?",
                           id);
    }
    roles_.on_member_left(id);
    update_sender_limits();
}

void Conference::check_if_over(const std::string& status) {
    if (ended()) return;
    if (state_.members.empty()) {
        if (state_.focus.has_breakout_rooms(state_.room)) return;
        if (status == "switch_room") return start_initial_timer();
        return end("Last member left, stopping");
    }
    if (state_.participants.empty()) {
        if (bridges_) bridges_->expire_all();
        return;
    }
    if (state_.participants.size() > 1) return single_timer_.cancel();
    state_.log.info("Scheduled single person timeout.");
    single_timer_.start(state_.focus.config.conference.single_participant_timeout,
                        [this] { time_out_single_participant(); });
}

void Conference::time_out_single_participant() {
    if (state_.participants.size() != 1) return;
    const std::string id = state_.participants.begin()->first;
    state_.log.info("Timing out single participant: {}", id);
    inviter_->terminate(id, {"expired", "Idle session timeout", SessionEnd::Tell::client,
                             SessionEnd::Sources::forget});
    bridges_->expire_all();
}

int Conference::min_participants() const {
    if (state_.metadata.server_side_transcription()) return 1;
    return state_.focus.config.conference.min_participants;
}

void Conference::on_self_changed(const xmpp::Occupant& now, const xmpp::Occupant&) {
    if (!ready()) return;
    if (now.affiliation != xmpp::MucAffiliation::owner) {
        return end("the focus is no longer owner of the room");
    }
    roles_.on_own_rights_changed();
}

void Conference::on_room_left(xmpp::MucRoomEnd how, const std::string& reason) {
    using End = xmpp::MucRoomEnd;
    if (ended()) return;
    if (how == End::connection_lost || how == End::unreachable || how == End::forgotten) {
        state_.log.warning("Out of the room; the call goes on and the room is joined again. {}",
                           reason);
        return;
    }
    end("the focus was put out of the room: " + reason);
}

void Conference::on_room_rejoined() {
    // Who is there is reported now, and confirms itself.
    muc_.release_events();
    if (!ready()) return;
    state_.log.info("Back in the room.");
    publish();
    reconcile();
}

void Conference::on_breakout_ended() {
    if (ready() && state_.members.empty() && !initial_timer_.running()) check_if_over({});
}

}  // namespace jmeet::focus
