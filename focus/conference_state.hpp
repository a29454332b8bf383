// What the parts of one conference share: who is in the room, who was invited, who sends what.
//
// Plain data, owned by Conference, which also owns the parts that work on it (invites, Jingle
// sessions, source signalling, mutes). Control thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "focus/focus_context.hpp"
#include "focus/member.hpp"
#include "focus/moderation.hpp"
#include "focus/rate_limit.hpp"
#include "focus/source_queue.hpp"
#include "focus/sources.hpp"
#include "focus/timer.hpp"
#include "xmpp/jitsi_json_message.hpp"
#include "xmpp/jitsi_presence.hpp"

namespace jmeet::focus {

inline constexpr std::size_t kMaxEndedSessions = 256;

// Of the conference's first request.
struct ConferenceOptions {
    std::optional<int> start_audio_muted;
    std::optional<int> start_video_muted;
    bool rtcstats_enabled = true;
    std::optional<std::string> pinned_bridge_version;
};

// pending: offered and not yet accepted.
enum class SessionState : std::uint8_t { none, pending, active };

struct ConferenceState;

// A member that was invited: from the first invite until it leaves or its session ends for good.
struct Participant {
    Participant(const Member& member, const ConferenceState& conference);

    std::string id;
    xmpp::Jid occupant;
    TimePoint created = Clock::now();
    Features features;
    Offer offer;
    SessionState session = SessionState::none;
    std::string sid;
    // An invite coroutine may go on only while its number is this one.
    std::uint64_t invite_serial = 0;
    bool inviting = false;
    // Recipients without SSRC rewriting are told of sources.
    SourceQueue told;
    Timer flush;
    RateLimit restarts;
    RateLimit ice_restarts;
    std::optional<std::uint32_t> relayed_ice_generation;
};

struct ConferenceState {
    FocusContext& focus;
    const xmpp::Jid room;
    ConferenceOptions options;
    std::string meeting_id;
    TimePoint created;
    log::Logger log;
    Members members;
    std::map<std::string, std::unique_ptr<Participant>> participants;
    ConferenceSources sources;
    AvModeration moderation;
    xmpp::RoomMetadata metadata;
    std::optional<xmpp::RoomMetadata::StartMutedPolicy> start_muted_policy;
    xmpp::FocusPresence presence;
    // Sessions that have ended, so that a late request gets "gone". LIMIT: kMaxEndedSessions.
    std::deque<std::string> ended_sessions;
    // Something that a record tells of may have changed.
    bool changed = true;

    Participant* participant(const std::string& id) const {
        const auto at = participants.find(id);
        return at == participants.end() ? nullptr : at->second.get();
    }
    void end_session_id(std::string sid);
    asio::any_io_executor executor() const {
        return focus.client.stream().io().get_executor();
    }
};

inline void ConferenceState::end_session_id(std::string sid) {
    if (sid.empty()) return;
    ended_sessions.push_back(std::move(sid));
    if (ended_sessions.size() > kMaxEndedSessions) ended_sessions.pop_front();
}

inline Participant::Participant(const Member& member, const ConferenceState& conference)
    : id(member.id),
      occupant(member.occupant),
      features(member.features.value_or(assumed_features())),
      offer(make_offer(conference.focus.offer, features)),
      told(offer.source_filter(conference.focus.offer)),
      flush(conference.executor()),
      restarts(conference.focus.config.conference),
      ice_restarts(conference.focus.config.conference) {}

}  // namespace jmeet::focus
