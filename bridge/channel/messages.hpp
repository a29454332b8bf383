// Bridge-channel messages: JSON objects with a member "colibriClass", between clients (or other
// bridges) and this bridge, over WebSocket or data channel.
//
// Values and pure functions; any thread. Unknown members are ignored (clients spread objects of
// the application into these messages); unknown classes and malformed ones are refused with a
// kind to count, the channel stays up. Numbers are written as JSON numbers: clients throw on
// strings. LIMIT: json::Limits, and kMaxNames names in one list.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "bridge/allocation/receiver_settings.hpp"
#include "bridge/limits.hpp"
#include "bridge/rtp/media.hpp"

namespace jmeet::bridge::channel {

constexpr std::size_t kMaxNames = limits::kNamesPerMessage;
constexpr std::size_t kMaxNameLength = limits::kNameLength;

struct ClientHello {};

struct ServerHello {
    std::optional<std::string> version;
};

// COMPAT: clients of early 2022 send selectedEndpoints/onStageEndpoints and constraints by
// endpoint id; these are read as the sources "<endpoint>-v0".
struct ReceiverVideoConstraints {
    ReceiverSettingsUpdate update;
};

// COMPAT: clients before 2021; sets last-N only.
struct LastNChanged {
    int last_n = -1;
};

struct SourceVideoType {
    SourceName source;
    VideoType type = VideoType::camera;
    std::optional<EndpointId> endpoint;  // between bridges: whose source it is
};

// COMPAT: clients without source names; means "<sender>-v0".
struct EndpointVideoType {
    VideoType type = VideoType::camera;
};

struct ReceiverAudioSubscription {
    bool all = false;
    std::vector<SourceName> include;
    std::vector<SourceName> exclude;
};

// Opaque for the bridge except to and from; `body` keeps every member.
struct EndpointMessage {
    std::string to;  // blank = everybody
    std::optional<EndpointId> from;
    json::Document body;

    bool broadcast() const;
};

struct EndpointStats {
    std::optional<EndpointId> from;
    json::Document body;
};

struct ConnectivityStatus {
    EndpointId endpoint;
    bool active = true;
};

// Between bridges: "the greatest wish of my side for this source".
struct AddReceiver {
    std::string bridge;
    SourceName source;
    VideoConstraints constraints;
};

using Message = std::variant<ClientHello, ServerHello, ReceiverVideoConstraints, LastNChanged,
                             SourceVideoType, EndpointVideoType, ReceiverAudioSubscription,
                             EndpointMessage, EndpointStats, ConnectivityStatus, AddReceiver>;

enum class Refusal : std::uint8_t { not_json, no_class, unknown_class, malformed };

struct MessageError {
    Refusal kind = Refusal::not_json;
    std::string what;
};
[[noreturn]] void throw_exception_from_error(const MessageError& error,
                                             const boost::source_location&);

using MessageResult = boost::system::result<Message, MessageError>;
MessageResult parse_message(std::string_view text);

// camera, desktop, desktop_high_fps, none, disabled; in any case.
std::optional<VideoType> parse_video_type(std::string_view text);
// CAMERA, DESKTOP, ...: as the bridge spells it.
const char* to_wire(VideoType type);

std::string write_server_hello(const std::optional<std::string>& version = std::nullopt);
std::string write_sender_source_constraints(const SourceName& source, std::int32_t max_height);
// The complete set, on every change and on channel open; may be empty.
std::string write_forwarded_sources(std::span<const SourceName> sources);

struct MappedSource {
    SourceName source;
    EndpointId owner;
    Ssrc ssrc;
    std::optional<Ssrc> rtx;                // video only
    std::optional<VideoType> video_type;    // video only
    std::optional<std::string> mid;         // only with RTP mid demux
};
std::string write_video_sources_map(std::span<const MappedSource> sources);
std::string write_audio_sources_map(std::span<const MappedSource> sources);

enum class ConferenceSilence : std::uint8_t { no, yes };
// `recent`: the dominant speaker, then previous ones, most recent first. LIMIT: 10 previous.
std::string write_dominant_speaker(std::span<const EndpointId> recent, ConferenceSilence silence);
std::string write_connection_stats(std::int64_t estimated_downlink_bps);
std::string write_connectivity_status(const EndpointId& endpoint, bool active);

// Forwarded with `from` set to whom it came from: a client cannot speak for another.
std::string write_endpoint_message(const EndpointMessage& message, const EndpointId& from);
std::string write_endpoint_stats(const EndpointStats& stats, const EndpointId& from);

// Between bridges.
std::string write_source_video_type(const SourceName& source, VideoType type,
                                    const EndpointId& owner);
std::string write_add_receiver(std::string_view bridge, const SourceName& source,
                               const VideoConstraints& constraints);

// COMPAT: clients without source names (early 2022) read these two instead of
// SenderSourceConstraints and ForwardedSources.
std::string write_sender_video_constraints(std::int32_t ideal_height);
std::string write_last_n_endpoints(std::span<const EndpointId> endpoints);

}  // namespace jmeet::bridge::channel
