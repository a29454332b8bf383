// Conference: what GET /debug/conference/<room> shows, with Jicofo's keys.
#include <algorithm>

#include "focus/conference.hpp"
#include "focus/debug_json.hpp"
#include "focus/source_wire.hpp"

namespace jmeet::focus {
namespace {

const char* session_state(SessionState state) {
    switch (state) {
        case SessionState::none: return "NONE";
        case SessionState::pending: return "PENDING";
        case SessionState::active: break;
    }
    return "ACTIVE";
}

void write_config(json::Writer& out, const ConferenceOptions& options) {
    const auto muted_from = [&](const char* name, const std::optional<int>& from) {
        out.key(name);
        if (from) {
            out.value(*from);
        } else {
            out.null();
        }
    };
    out.begin_object();
    out.member("rtcstatsEnabled", options.rtcstats_enabled);
    muted_from("startAudioMuted", options.start_audio_muted);
    muted_from("startVideoMuted", options.start_video_muted);
    out.end_object();
}

void write_moderation(json::Writer& out, const AvModeration& moderation) {
    out.begin_object();
    for (const auto& [name, media] :
         {std::pair("AUDIO", xmpp::MuteMedia::audio), std::pair("VIDEO", xmpp::MuteMedia::video),
          std::pair("DESKTOP", xmpp::MuteMedia::desktop)}) {
        out.key(name).begin_object().member("enabled", moderation.enabled(media));
        out.key("whitelist");
        write_texts(out, moderation.whitelist(media));
        out.end_object();
    }
    out.end_object();
}

void write_room(json::Writer& out, const ConferenceState& state, const xmpp::MucRoom& room) {
    const xmpp::RoomMetadata& metadata = state.metadata;
    out.begin_object();
    out.member("room_jid", state.room.to_string());
    out.member("my_occupant_jid", room.own_jid().to_string());
    out.key("members").begin_object();
    for (const Member& member : state.members.all()) {
        out.key(member.id);
        write_member(out, member);
    }
    out.end_object();
    out.member("audio_senders_count", state.members.audio_senders());
    out.member("video_senders_count", state.members.video_senders());
    out.member("lobby_enabled", metadata.lobby_enabled);
    out.member("participants_soft_limit", metadata.participants_soft_limit.value_or(-1));
    if (metadata.participants) {
        out.key("participants");
        write_texts(out, *metadata.participants);
    }
    out.key("moderators");
    write_texts(out, metadata.moderators);
    const auto& enabled = metadata.visitors_enabled;
    out.member("visitors_enabled", !enabled ? "null" : *enabled ? "true" : "false");
    out.member("visitors_live", metadata.visitors_live.value_or(false));
    out.key("av_moderation");
    write_moderation(out, state.moderation);
    out.end_object();
}

void write_source_signaling(json::Writer& out, const Participant& participant) {
    out.begin_object();
    out.key("signaled_sources");
    write_sources(out, participant.told.signaled());
    out.key("sources");
    write_sources(out, participant.told.updated());
    out.key("supported_media_types").begin_array();
    if (participant.features.has(Feature::audio)) out.value("audio");
    if (participant.features.has(Feature::video)) out.value("video");
    out.end_array().end_object();
}

void write_participant(json::Writer& out, const Participant& participant,
                       const Member* member, DebugDetail detail) {
    out.begin_object();
    out.member("id", participant.id);
    if (detail == DebugDetail::full) {
        out.key("source_signaling");
        write_source_signaling(out, participant);
    }
    out.member("stats_id", member ? member->stats_id : "null");
    out.member("invite_runnable", participant.inviting ? "Running" : "Not running");
    out.key("jingle_session").begin_object();
    out.member("sid", participant.sid);
    out.member("remoteJid", participant.occupant.to_string());
    out.member("state", session_state(participant.session));
    out.end_object().end_object();
}

// Of a participant that has a place on a bridge.
void write_placed(json::Writer& out, const ConferenceState& state, const Participant& participant,
                  const ConferenceBridges& bridges, const Bridge& bridge) {
    const Member* const member = state.members.find(participant.id);
    const auto muted = bridges.force_mute_of(participant.id);
    out.begin_object();
    out.member("id", participant.id);
    out.member("stats_id", member ? member->stats_id : "null");
    out.key("sources");
    write_sources(out, state.sources.of(participant.id));
    out.member("bridge", bridge.nick());
    out.member("audio_muted", muted.audio).member("video_muted", muted.video);
    out.member("private_addresses", member && !member->is_person());
    out.member("ssrc_rewriting", participant.offer.ssrc_rewriting);
    out.member("rtp_mid_demux", participant.offer.rtp_mid_demux);
    out.member("visitor", member && member->role == MemberRole::visitor);
    out.member("diarize", member && member->diarize);
    out.end_object();
}

void write_session(json::Writer& out, const ConferenceBridges::SessionView& session) {
    out.begin_object();
    out.key("bridge");
    write_bridge(out, session.bridge, Clock::now());
    out.member("id", session.id);
    out.key("feedback_sources");
    write_sources(out,
                  ConferenceSourceMap(kBridgeOwner, feedback_sources(session.feedback_sources)));
    out.member("created", session.created);
    out.member("recently_added_endpoints", session.recently_added);
    out.key("relays").begin_object().end_object();
    out.key("participants");
    write_texts(out, session.endpoints);
    out.end_object();
}

void write_bridges(json::Writer& out, const ConferenceState& state,
                   const ConferenceBridges& bridges) {
    out.begin_object();
    out.key("participants").begin_object();
    for (const auto& [id, participant] : state.participants) {
        const auto bridge = bridges.bridge_of(id);
        if (!bridge) continue;
        out.key(id);
        write_placed(out, state, *participant, bridges, *bridge);
    }
    out.end_object();
    out.key("sessions").begin_object();
    for (const auto& session : bridges.sessions()) {
        out.key(session.bridge.nick());
        write_session(out, session);
    }
    out.end_object().end_object();
}

void write_codecs(json::Writer& out, const CodecPreferences& codecs) {
    out.begin_object();
    out.member("count", codecs.lists());
    out.key("ranks").begin_object();
    for (const auto& [codec, rank] : codecs.ranks()) {
        out.key(codec).begin_object();
        out.member("count", rank.lists).member("rank_aggregate", rank.places).end_object();
    }
    out.end_object().key("aggregate");
    write_texts(out, codecs.common());
    out.end_object();
}

void write_counts(json::Writer& out, const ConferenceState& state) {
    const auto count = [&](const char* name, auto&& is_one) {
        const auto& all = state.members.all();
        out.member(name,
                   static_cast<std::int64_t>(std::count_if(all.begin(), all.end(), is_one)));
    };
    out.member("participant_count", static_cast<std::int64_t>(state.participants.size()));
    count("jibri_count", [](const Member& m) { return m.jibri; });
    // A transcriber is a gateway as well, and counted once.
    count("jigasi_count", [](const Member& m) { return m.jigasi && !m.transcriber; });
    count("transcriber_count", [](const Member& m) { return m.transcriber; });
}

}  // namespace

void Conference::write_debug(json::Writer& out, DebugDetail detail) const {
    const auto& policy = state_.start_muted_policy;
    const ConferenceConfig& config = state_.focus.config.conference;
    out.begin_object();
    out.member("name", state_.room.to_string());
    out.member("meeting_id", state_.meeting_id);
    out.key("config");
    write_config(out, state_.options);
    out.key("chat_room");
    write_room(out, state_, muc_);
    out.key("participants").begin_object();
    for (const auto& [id, participant] : state_.participants) {
        out.key(id);
        write_participant(out, *participant, state_.members.find(id), detail);
    }
    out.end_object();
    out.key("chat_room_role_manager").begin_object();
    const Member* const owner = state_.members.find(roles_.owner());
    out.member("class", roles_.name());
    out.member("owner", owner ? owner->real_jid.to_string() : "null").end_object();
    out.member("started", ready());
    out.member("start_audio_muted", policy && policy->audio.value_or(false));
    out.member("start_video_muted", policy && policy->video.value_or(false));
    if (bridges_) {
        out.key("colibri_session_manager");
        write_bridges(out, state_, *bridges_);
    }
    out.key("conference_properties").begin_object();
    for (const auto& [key, value] : state_.presence.properties) out.member(key, value);
    out.end_object();
    out.member("include_in_statistics", true);
    out.key("conference_sources");
    write_sources(out, state_.sources.map());
    out.member("audio_limit_reached", state_.members.audio_senders() >= config.max_audio_senders);
    out.member("video_limit_reached", state_.members.video_senders() >= config.max_video_senders);
    out.member("visitor_count", visitors_.count());
    out.key("visitor_codecs");
    write_codecs(out, visitors_.codecs());
    write_counts(out, state_);
    out.end_object();
}

}  // namespace jmeet::focus
