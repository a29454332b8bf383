#include "focus/debug_json.hpp"

#include "focus/caps_stats.hpp"

namespace jmeet::focus {
namespace {

std::string or_null(const std::optional<std::string>& text) { return text.value_or("null"); }

const char* video_type(SourceVideoType type) {
    switch (type) {
        case SourceVideoType::unspecified: return "null";
        case SourceVideoType::camera: return "camera";
        case SourceVideoType::desktop: return "desktop";
    }
    return "null";
}

const char* media_name(MediaType media) { return media == MediaType::audio ? "audio" : "video"; }

}  // namespace

void write_bridge(json::Writer& out, Bridge& bridge, TimePoint now) {
    out.begin_object();
    out.member("corrected-stress", bridge.corrected_stress(now));
    out.member("drain", bridge.draining());
    out.member("endpoints", bridge.endpoints());
    out.member("endpoint-restart-requests", bridge.restart_requests());
    out.member("failing-ice", bridge.failing_ice(now));
    out.member("graceful-shutdown", bridge.in_graceful_shutdown());
    out.member("healthy", bridge.healthy());
    out.member("operational", bridge.operational(now));
    out.member("overloaded", bridge.overloaded(now));
    out.member("region", or_null(bridge.region()));
    out.member("relay-id", or_null(bridge.relay_id()));
    out.member("release", or_null(bridge.release()));
    out.member("shutting-down", bridge.shutting_down());
    out.member("stress", bridge.stress());
    out.member("version", or_null(bridge.version()));
    out.end_object();
}

void write_member(json::Writer& out, const Member& member) {
    out.begin_object();
    out.member("region", or_null(member.region));
    out.member("occupant_jid", member.occupant.to_string());
    out.member("jid", member.real_jid.to_string());
    out.member("is_jibri", member.jibri);
    out.member("is_jigasi", member.jigasi);
    out.member("is_transcriber", member.transcriber);
    out.member("role", to_string(member.role));
    out.key("video_codecs");
    write_texts(out, member.codecs);
    out.member("stats_id", member.stats_id);
    out.member("is_audio_muted", member.audio_muted);
    out.member("is_video_muted", member.video_muted);
    out.member("diarize", member.diarize);
    out.key("features");
    write_texts(out, member.features.value_or(Features()).names());
    out.member("capsNodeVer", member.caps ? to_string(*member.caps) : "null");
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
        out.member("media_type", media_name(group.media)).key("ssrcs");
        write_texts(out, group.ssrcs);
        out.end_object();
    }
    out.end_array().end_object();
}

void write_sources(json::Writer& out, const ConferenceSourceMap& map) {
    out.begin_object();
    for (const auto& [owner, set] : map.sets()) {
        out.key(owner);
        write_sources(out, set);
    }
    out.end_object();
}

}  // namespace jmeet::focus
