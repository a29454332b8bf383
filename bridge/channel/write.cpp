#include <algorithm>

#include "bridge/channel/messages.hpp"

namespace jmeet::bridge::channel {

namespace {

// LIMIT: previous speakers that a client is told of (recent-speakers-count).
constexpr std::size_t kMaxPrevious = 10;

json::Writer& begin(json::Writer& writer, std::string_view name) {
    return writer.begin_object().member("colibriClass", name);
}

template <class List>
void write_names(json::Writer& writer, std::string_view member, const List& names) {
    writer.key(member).begin_array();
    for (const auto& name : names) writer.value(std::string_view(name.value()));
    writer.end_array();
}

void write_constraints(json::Writer& writer, const VideoConstraints& constraints) {
    writer.begin_object()
        .member("maxHeight", constraints.max_height)
        .member("maxFrameRate", constraints.max_frame_rate)
        .end_object();
}

std::string write_map(std::string_view name, std::span<const MappedSource> sources) {
    json::Writer writer;
    begin(writer, name).key("mappedSources").begin_array();
    for (const MappedSource& s : sources) {
        writer.begin_object()
            .member("source", std::string_view(s.source.value()))
            .member("owner", std::string_view(s.owner.value()))
            .member("ssrc", s.ssrc.value());
        if (s.rtx) writer.member("rtx", s.rtx->value());
        if (s.video_type) writer.member("videoType", to_wire(*s.video_type));
        if (s.mid) writer.member("mid", std::string_view(*s.mid));
        writer.end_object();
    }
    writer.end_array().end_object();
    return writer.str();
}

// The members of `body` again, with `from` set: after "to" where there is one, else first.
std::string write_from(std::string_view name, const json::Document& body, const EndpointId& from) {
    json::Writer writer;
    begin(writer, name);
    if (const auto to = json::get_string(body, "to")) writer.member("to", *to);
    writer.member("from", std::string_view(from.value()));
    for (const auto& member : body.GetObject()) {
        const auto key = json::as_string(member.name);
        if (*key == "colibriClass" || *key == "to" || *key == "from") continue;
        writer.key(*key).copy(member.value);
    }
    writer.end_object();
    return writer.str();
}

}  // namespace

const char* to_wire(VideoType type) {
    switch (type) {
        case VideoType::camera: return "CAMERA";
        case VideoType::desktop: return "DESKTOP";
        case VideoType::desktop_high_fps: return "DESKTOP_HIGH_FPS";
        case VideoType::none: return "NONE";
        case VideoType::disabled: return "DISABLED";
    }
    return "CAMERA";
}

std::string write_server_hello(const std::optional<std::string>& version) {
    json::Writer writer;
    begin(writer, "ServerHello");
    if (version) writer.member("version", std::string_view(*version));
    writer.end_object();
    return writer.str();
}

std::string write_sender_source_constraints(const SourceName& source, std::int32_t max_height) {
    json::Writer writer;
    begin(writer, "SenderSourceConstraints")
        .member("sourceName", std::string_view(source.value()))
        .member("maxHeight", max_height)
        .end_object();
    return writer.str();
}

std::string write_forwarded_sources(std::span<const SourceName> sources) {
    json::Writer writer;
    write_names(begin(writer, "ForwardedSources"), "forwardedSources", sources);
    writer.end_object();
    return writer.str();
}

std::string write_video_sources_map(std::span<const MappedSource> sources) {
    return write_map("VideoSourcesMap", sources);
}

std::string write_audio_sources_map(std::span<const MappedSource> sources) {
    return write_map("AudioSourcesMap", sources);
}

std::string write_dominant_speaker(std::span<const EndpointId> recent, ConferenceSilence silence) {
    json::Writer writer;
    begin(writer, "DominantSpeakerEndpointChangeEvent").key("dominantSpeakerEndpoint");
    if (recent.empty()) {
        writer.null();
    } else {
        writer.value(std::string_view(recent.front().value()));
        recent = recent.subspan(1);
    }
    write_names(writer, "previousSpeakers", recent.first(std::min(recent.size(), kMaxPrevious)));
    writer.member("silence", silence == ConferenceSilence::yes).end_object();
    return writer.str();
}

std::string write_connection_stats(std::int64_t estimated_downlink_bps) {
    json::Writer writer;
    begin(writer, "ConnectionStats")
        .member("estimatedDownlinkBandwidth", estimated_downlink_bps)
        .end_object();
    return writer.str();
}

std::string write_connectivity_status(const EndpointId& endpoint, bool active) {
    json::Writer writer;
    // COMPAT: `active` is a string on the wire.
    begin(writer, "EndpointConnectivityStatusChangeEvent")
        .member("endpoint", std::string_view(endpoint.value()))
        .member("active", active ? "true" : "false")
        .end_object();
    return writer.str();
}

std::string write_endpoint_message(const EndpointMessage& message, const EndpointId& from) {
    return write_from("EndpointMessage", message.body, from);
}

std::string write_endpoint_stats(const EndpointStats& stats, const EndpointId& from) {
    return write_from("EndpointStats", stats.body, from);
}

std::string write_source_video_type(const SourceName& source, VideoType type,
                                    const EndpointId& owner) {
    json::Writer writer;
    begin(writer, "SourceVideoTypeMessage")
        .member("sourceName", std::string_view(source.value()))
        .member("videoType", to_wire(type))
        .member("endpointId", std::string_view(owner.value()))
        .end_object();
    return writer.str();
}

std::string write_add_receiver(std::string_view bridge, const SourceName& source,
                               const VideoConstraints& constraints) {
    json::Writer writer;
    begin(writer, "AddReceiver")
        .member("bridgeId", bridge)
        .member("sourceName", std::string_view(source.value()))
        .key("videoConstraints");
    write_constraints(writer, constraints);
    writer.end_object();
    return writer.str();
}

std::string write_sender_video_constraints(std::int32_t ideal_height) {
    json::Writer writer;
    begin(writer, "SenderVideoConstraints")
        .key("videoConstraints")
        .begin_object()
        .member("idealHeight", ideal_height)
        .end_object()
        .end_object();
    return writer.str();
}

std::string write_last_n_endpoints(std::span<const EndpointId> endpoints) {
    json::Writer writer;
    write_names(begin(writer, "LastNEndpointsChangeEvent"), "lastNEndpoints", endpoints);
    writer.end_object();
    return writer.str();
}

}  // namespace jmeet::bridge::channel
