// Conference: what GET /debug/conference/<room> shows, with Jicofo's keys.
#include <algorithm>

#include "base/json.hpp"
#include "focus/conference.hpp"

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

void write_member(json::Writer& out, const Member& member) {
    out.key(member.id).begin_object();
    out.member("region", member.region.value_or("null"));
    out.member("occupant_jid", member.occupant.to_string());
    out.member("jid", member.real_jid.to_string());
    out.member("is_jibri", member.jibri);
    out.member("is_jigasi", member.jigasi);
    out.member("is_transcriber", member.transcriber);
    out.member("role", to_string(member.role));
    out.member("stats_id", member.stats_id);
    out.member("is_audio_muted", member.audio_muted);
    out.member("is_video_muted", member.video_muted);
    out.key("features").begin_array();
    for (const std::string& name : member.features.value_or(Features()).names()) out.value(name);
    out.end_array().end_object();
}

const char* video_type(SourceVideoType type) {
    switch (type) {
        case SourceVideoType::unspecified: return "null";
        case SourceVideoType::camera: return "camera";
        case SourceVideoType::desktop: return "desktop";
    }
    return "null";
}

const char* media_name(MediaType media) { return media == MediaType::audio ? "audio" : "video"; }

void write_moderation(json::Writer& out, const AvModeration& moderation) {
    out.key("av_moderation").begin_object();
    for (const auto& [name, media] :
         {std::pair("AUDIO", xmpp::MuteMedia::audio), std::pair("VIDEO", xmpp::MuteMedia::video)}) {
        out.key(name).begin_object().member("enabled", moderation.enabled(media));
        out.key("whitelist").begin_array();
        for (const std::string& jid : moderation.whitelist(media)) out.value(jid);
        out.end_array().end_object();
    }
    out.end_object();
}

void write_sources(json::Writer& out, const EndpointSourceSet& set) {
    out.begin_object().key("sources").begin_array();
    for (const Source& source : set.sources) {
        out.begin_object();
        out.member("ssrc", source.ssrc);
        out.member("media_type", media_name(source.media)).member("name", source.name);
        out.member("msid", source.msid).member("videoType", video_type(source.video_type));
        out.end_object();
    }
    out.end_array().key("groups").begin_array();
    for (const SourceGroup& group : set.groups) {
        out.begin_object();
        out.member("semantics", group.semantics == GroupSemantics::sim ? "SIM" : "FID");
        out.member("media_type", media_name(group.media)).key("ssrcs").begin_array();
        for (const std::uint32_t ssrc : group.ssrcs) out.value(ssrc);
        out.end_array().end_object();
    }
    out.end_array().end_object();
}

void write_participant(json::Writer& out, const Participant& participant,
                       const ConferenceBridges* bridges) {
    out.key(participant.id).begin_object();
    out.member("id", participant.id);
    out.member("invite_runnable", participant.inviting ? "Running" : "Not running");
    const auto bridge = bridges ? bridges->bridge_of(participant.id) : nullptr;
    out.member("bridge", bridge ? bridge->nick() : "null");
    out.member("ssrc_rewriting", participant.offer.ssrc_rewriting);
    out.key("jingle_session").begin_object();
    out.member("sid", participant.sid);
    out.member("remoteJid", participant.occupant.to_string());
    out.member("state", session_state(participant.session));
    out.end_object().end_object();
}

}  // namespace

std::string Conference::debug_json() const {
    json::Writer out;
    out.begin_object();
    out.member("name", state_.room.to_string());
    out.member("meeting_id", state_.meeting_id);
    const auto muted_from = [&](const char* name, const std::optional<int>& from) {
        out.key(name);
        if (from) {
            out.value(*from);
        } else {
            out.null();
        }
    };
    out.key("config").begin_object();
    out.member("rtcstatsEnabled", state_.options.rtcstats_enabled);
    muted_from("startAudioMuted", state_.options.start_audio_muted);
    muted_from("startVideoMuted", state_.options.start_video_muted);
    out.end_object();
    out.key("chat_room").begin_object();
    out.member("room_jid", state_.room.to_string());
    out.member("my_occupant_jid", muc_.own_jid().to_string());
    out.key("members").begin_object();
    for (const Member& member : state_.members.all()) write_member(out, member);
    out.end_object();
    out.member("audio_senders_count", state_.members.audio_senders());
    out.member("video_senders_count", state_.members.video_senders());
    write_moderation(out, state_.moderation);
    out.end_object();
    out.key("participants").begin_object();
    for (const auto& [id, participant] : state_.participants) {
        write_participant(out, *participant, bridges());
    }
    out.end_object();
    out.key("chat_room_role_manager").begin_object();
    out.member("class", roles_.name()).member("owner", roles_.owner()).end_object();
    out.member("started", ready());
    out.key("conference_properties").begin_object();
    for (const auto& [key, value] : state_.presence.properties) out.member(key, value);
    out.end_object();
    out.key("conference_sources").begin_object();
    for (const auto& [owner, set] : state_.sources.map().sets()) {
        out.key(owner);
        write_sources(out, set);
    }
    out.end_object();
    out.member("include_in_statistics", true);
    const auto count = [&](const char* name, bool Member::*mark) {
        const auto& all = state_.members.all();
        out.member(name, static_cast<std::int64_t>(std::count_if(
                             all.begin(), all.end(), [&](const Member& m) { return m.*mark; })));
    };
    count("jibri_count", &Member::jibri);
    count("jigasi_count", &Member::jigasi);
    count("transcriber_count", &Member::transcriber);
    out.member("participant_count", static_cast<std::int64_t>(state_.participants.size()));
    out.end_object();
    return out.str();
}

}  // namespace jmeet::focus
