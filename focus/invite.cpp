#include "focus/invite.hpp"

#include <algorithm>

#include "focus/random_id.hpp"
#include "focus/source_wire.hpp"

namespace jmeet::focus {
namespace {

std::string describe(const ConferenceSourceMap& sources) {
    std::string text;
    for (const auto& [owner, set] : sources.sets()) {
        text += fmt::format("{}{}={} sources", text.empty() ? "" : ", ", owner, set.sources.size());
    }
    return text;
}

}  // namespace

xmpp::StartMuted start_muted(const ConferenceState& conference, const Member& member,
                             InviteKind kind) {
    const ConferenceConfig& config = conference.focus.config.conference;
    const ConferenceOptions& options = conference.options;
    const int count = static_cast<int>(conference.participants.size());
    const int audio_limit =
        std::min(config.max_audio_senders, options.start_audio_muted.value_or(INT_MAX));
    const int video_limit =
        std::min(config.max_video_senders, options.start_video_muted.value_or(INT_MAX));
    const auto forced = conference.moderation.force_mute_at_invite(member);
    xmpp::StartMuted result{.audio = count > audio_limit || forced.audio,
                            .video = count > video_limit || forced.video};
    if (kind == InviteKind::just_joined && conference.start_muted_policy) {
        result.audio |= conference.start_muted_policy->audio.value_or(false);
        result.video |= conference.start_muted_policy->video.value_or(false);
    }
    return result;
}

Inviter::Inviter(ConferenceState& conference, ConferenceBridges& bridges,
                 SourceSignaling& signaling, TaskGroup& tasks, Events events)
    : conference_(conference),
      bridges_(bridges),
      signaling_(signaling),
      tasks_(tasks),
      events_(std::move(events)),
      log_(conference.log.named("ParticipantInvite")) {}

// The conversation with one participant, from the offer to its answer. Everything may have changed
// after each wait, so each step asks first whether this invite is still the one that counts.
awaitable<void> Inviter::run(std::string id, std::uint64_t serial, InviteKind kind,
                             Duration pause) {
    if (pause > Duration::zero()) co_await sleep_for(pause);
    if (!is_wanted(id, serial)) co_return;

    const auto allocation = co_await bridges_.allocate(make_wish(*conference_.participant(id)));
    if (!is_wanted(id, serial)) co_return;
    if (!allocation) co_return on_not_allocated(id, allocation.error());
    events_.on_bridge_availability(false);

    Participant& participant = *conference_.participant(id);
    xmpp::Element offer = xmpp::write_jingle(open_session(participant, *allocation, kind));
    const std::string sid = participant.sid;
    const auto answer = co_await conference_.focus.client.iq().request(
        xmpp::make_iq("set", participant.occupant.to_string(), std::move(offer)),
        conference_.focus.config.xmpp.reply_timeout);
    if (!is_wanted(id, serial)) co_return;
    conference_.participant(id)->inviting = false;
    if (!answer && answer.error().origin == xmpp::ErrorOrigin::connection) {
        // The offer may never have left: it is made anew when the connection is back.
        end_session(*conference_.participant(id), {"gone", "connection lost"});
        co_return;
    }

    // Clients acknowledge everything, and silence counts as success too: what tells us that they
    // are in the call is their session-accept, which is not waited for.
    if (answer || answer.error().origin != xmpp::ErrorOrigin::peer) co_return;
    log_.warning("{} refused session-initiate {}: {}", id, sid, answer.error().to_string());
    terminate(id, {"general-error", "jingle session failed", SessionEnd::Tell::client});
    tell_participants_changed();
}

void Inviter::invite(const Member& member) {
    auto& slot = conference_.participants[member.id];
    if (slot) return;
    slot = std::make_unique<Participant>(member, conference_);
    ++conference_.focus.counters.participants;
    if (!slot->features.has(Feature::start_muted_room_metadata)) {
        ++conference_.focus.counters.participants_no_start_muted_rmd;
    }
    log_.info("Creating participant {} with features={}", member.id,
              fmt::join(slot->features.names(), ", "));
    start(*slot, InviteKind::just_joined);
}

void Inviter::reinvite(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
        Participant* const participant = conference_.participant(id);
        if (!participant) continue;
        ++conference_.focus.counters.participants_moved;
        end_session(*participant, {"success", "moving", SessionEnd::Tell::client});
    }
    bridges_.expire(ids);
    for (const std::string& id : ids) {
        if (Participant* const participant = conference_.participant(id)) {
            start(*participant, InviteKind::again);
        }
    }
}

void Inviter::restart(const std::string& id) {
    Participant& participant = *conference_.participant(id);
    end_session(participant, {"success", "reinvite requested"});
    bridges_.expire({id});
    start(participant, InviteKind::again);
}

void Inviter::invite_waiting() {
    for (const auto& [id, participant] : conference_.participants) {
        if (participant->session != SessionState::none || participant->inviting) continue;
        bridges_.expire({id});
        start(*participant, InviteKind::again);
    }
}

void Inviter::terminate(const std::string& id, const SessionEnd& end) {
    const auto at = conference_.participants.find(id);
    if (at == conference_.participants.end()) return;
    log_.info("Terminating {}, reason: {}, send session-terminate: {}", id, end.reason,
              end.tell == SessionEnd::Tell::client);
    end_session(*at->second, end);
    bridges_.expire({id});
    conference_.focus.counters.endpoint_seconds +=
        std::chrono::duration<double>(Clock::now() - at->second->created).count();
    conference_.participants.erase(at);
    log_.info("Removed participant {} removed=true", id);
}

void Inviter::start(Participant& participant, InviteKind kind) {
    conference_.changed = true;
    participant.inviting = true;
    participant.invite_serial = next_serial_++;
    participant.relayed_ice_generation.reset();
    tasks_.spawn("invite", run(participant.id, participant.invite_serial, kind, pause()));
}

void Inviter::end_session(Participant& participant, const SessionEnd& end) {
    conference_.changed = true;
    participant.inviting = false;
    participant.invite_serial = 0;
    signaling_.stop(participant);
    if (participant.session != SessionState::none && end.tell == SessionEnd::Tell::client) {
        xmpp::Jingle jingle;
        jingle.action = xmpp::JingleAction::session_terminate;
        jingle.sid = participant.sid;
        jingle.reason = xmpp::JingleReason{end.reason, end.text};
        count_jingle(conference_.focus.counters.jingle_sent, jingle.action);
        send_iq(conference_.focus, participant.occupant, xmpp::write_jingle(jingle));
    }
    conference_.end_session_id(std::exchange(participant.sid, {}));
    participant.session = SessionState::none;
    const EndpointSourceSet gone = conference_.sources.remove_owner(participant.id);
    if (end.sources == SessionEnd::Sources::remove) {
        signaling_.remove(participant.id, gone);
    } else {
        signaling_.forget(participant.id);
    }
}

bool Inviter::is_wanted(const std::string& id, std::uint64_t serial) const {
    const Participant* const participant = conference_.participant(id);
    return participant && participant->invite_serial == serial;
}

EndpointWish Inviter::make_wish(const Participant& participant) const {
    const Member& member = *conference_.members.find(participant.id);
    EndpointWish wish;
    wish.id = participant.id;
    wish.stats_id = member.stats_id;
    wish.media = participant.offer.descriptions;
    wish.sctp = participant.offer.sctp ? Sctp::wanted : Sctp::not_wanted;
    if (!member.is_person()) wish.capabilities.emplace_back("private-address-connectivity");
    if (participant.offer.ssrc_rewriting) wish.capabilities.emplace_back("ssrc-rewriting");
    if (participant.offer.rtp_mid_demux) wish.capabilities.emplace_back("rtp-mid-demux");
    wish.visitor = member.role == MemberRole::visitor;
    wish.force_mute = conference_.moderation.force_mute_at_invite(member);
    wish.properties = {member.region, wish.visitor};
    return wish;
}

void Inviter::on_not_allocated(const std::string& id, AllocationFailure failure) {
    conference_.participant(id)->inviting = false;
    if (failure == AllocationFailure::no_bridge) {
        log_.severe("Can not invite participant, no bridge available.");
        events_.on_bridge_availability(true);
        return;
    }
    log_.warning("Can not invite {}: {}.", id, to_string(failure));
}

xmpp::Jingle Inviter::open_session(Participant& participant, const Allocation& allocation,
                                   InviteKind kind) {
    conference_.changed = true;
    participant.sid = xmpp::make_sid(random_u64());
    participant.session = SessionState::pending;
    SessionOffer session;
    session.sid = participant.sid;
    session.initiator = conference_.focus.client.jid().to_string();
    session.transport = {allocation.ice, allocation.sctp_port};
    session.start_muted =
        start_muted(conference_, *conference_.members.find(participant.id), kind);
    session.bridge_session.id = allocation.session_id;
    session.bridge_session.region = allocation.region;
    session.sources =
        signaling_.start_offer(participant, feedback_sources(allocation.feedback_sources));
    log_.info("Sending session-initiate to: {} sources={}", participant.occupant.to_string(),
              describe(session.sources));
    count_jingle(conference_.focus.counters.jingle_sent, session.action);
    return make_session_offer(participant.offer, session);
}

Duration Inviter::pause() const {
    if (failures_ <= 1) return Duration::zero();
    const auto growing = milliseconds(125) * (1 << std::min(failures_, 7));
    return std::min<Duration>(growing, seconds(10));
}

}  // namespace jmeet::focus
