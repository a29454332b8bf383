#include "focus/features.hpp"

#include <array>
#include <utility>

namespace jmeet::focus {
namespace {

struct FeatureName {
    Feature feature;
    std::string_view uri;
    std::string_view name;
};

constexpr std::array<FeatureName, static_cast<std::size_t>(Feature::count_)> kNames{{
    {Feature::audio, "urn:xmpp:jingle:apps:rtp:audio", "AUDIO"},
    {Feature::video, "urn:xmpp:jingle:apps:rtp:video", "VIDEO"},
    {Feature::sctp, "urn:xmpp:jingle:transports:dtls-sctp:1", "SCTP"},
    {Feature::rtx, "urn:ietf:rfc:4588", "RTX"},
    {Feature::remb, "http://jitsi.org/remb", "REMB"},
    {Feature::tcc, "http://jitsi.org/tcc", "TCC"},
    {Feature::json_sources, "http://jitsi.org/json-encoded-sources", "JSON_SOURCES"},
    {Feature::ssrc_rewriting, "http://jitsi.org/ssrc-rewriting-1", "SSRC_REWRITING_V1"},
    {Feature::rtp_mid_demux, "http://jitsi.org/rtp-mid-demux", "RTP_MID_DEMUX"},
    {Feature::opus_red, "http://jitsi.org/opus-red", "OPUS_RED"},
    {Feature::audio_mute, "http://jitsi.org/protocol/audio-mute", "AUDIO_MUTE"},
    {Feature::start_muted_room_metadata, "http://jitsi.org/start-muted-room-metadata",
     "START_MUTED_RMD"},
}};

}  // namespace

std::vector<std::string> Features::names() const {
    std::vector<std::string> result;
    for (const FeatureName& known : kNames) {
        if (has(known.feature)) result.emplace_back(known.name);
    }
    return result;
}

Features parse_features(const std::vector<std::string>& disco_features) {
    Features result;
    for (const std::string& uri : disco_features) {
        for (const FeatureName& known : kNames) {
            if (known.uri == uri) result.add(known.feature);
        }
    }
    return result;
}

Features assumed_features() { return {Feature::audio, Feature::video, Feature::sctp}; }

}  // namespace jmeet::focus
