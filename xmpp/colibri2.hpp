// COLIBRI2 (jitsi:colibri2) as values: what a focus asks of a bridge and what it hears.
// The same structs are the in-process interface of the embedded bridge.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "xmpp/element.hpp"
#include "xmpp/jingle_rtp.hpp"
#include "xmpp/jingle_transport.hpp"

namespace jmeet::xmpp::colibri2 {

struct Sctp {
    std::optional<std::uint16_t> port;
    std::optional<std::string> role;  // "client", "server"
    bool operator==(const Sctp&) const = default;
};

// The outer transport.
struct Transport {
    bool ice_controlling = false;
    bool use_unique_port = false;
    bool ice_restart = false;
    std::optional<IceUdpTransport> ice;
    std::optional<Sctp> sctp;
    bool operator==(const Transport&) const = default;
};

struct MediaSource {
    std::string type;  // "audio", "video"
    std::string id;    // the source name
    bool synthetic = false;
    std::vector<Source> sources;
    std::vector<SsrcGroup> groups;
    bool operator==(const MediaSource&) const = default;
};

struct ForceMute {
    bool audio = false;
    bool video = false;
    bool operator==(const ForceMute&) const = default;
};

struct Endpoint {
    std::string id;
    bool create = false;
    bool expire = false;
    std::string stats_id;
    std::string muc_role;  // "moderator", "participant", "visitor", "none" or empty
    std::vector<RtpDescription> media;
    std::optional<Transport> transport;
    std::optional<std::vector<MediaSource>> sources;  // complete replacement when present
    std::optional<ForceMute> force_mute;
    std::vector<std::string> capabilities;
    std::optional<int> initial_last_n;
    bool operator==(const Endpoint&) const = default;
};

// A remote bridge of the same conference. Parsed whole so that a request with one gets its exact
// answer; the bridge refuses relays until they are built.
struct Relay {
    std::string id;
    bool create = false;
    bool expire = false;
    std::string mesh_id;
    std::vector<RtpDescription> media;
    std::optional<Transport> transport;
    std::vector<Endpoint> endpoints;
    bool operator==(const Relay&) const = default;
};

struct ConferenceModify {
    std::string meeting_id;
    std::string name;  // bare JID of the room, only with create
    bool create = false;
    bool expire = false;
    bool rtcstats_enabled = true;
    std::vector<Endpoint> endpoints;
    std::vector<Relay> relays;
    bool has_connects = false;
    bool operator==(const ConferenceModify&) const = default;
};

struct ConferenceModified {
    std::vector<Endpoint> endpoints;
    std::vector<Relay> relays;
    std::optional<std::vector<MediaSource>> sources;  // the bridge's own: jvb-a0, jvb-v0
    bool operator==(const ConferenceModified&) const = default;
};

// An IQ error of a bridge: XMPP condition, COLIBRI2 reason (empty: none), text, and for
// unknown_endpoint the endpoint's id.
struct Refusal {
    std::string condition;  // "conflict", "item-not-found", "bad-request", ...
    std::string reason;     // "conference_not_found", ... or empty
    std::string text;
    std::string endpoint_id;
    bool operator==(const Refusal&) const = default;
};

Result<ConferenceModify> parse_conference_modify(const Element& element);
Result<ConferenceModified> parse_conference_modified(const Element& element);
Element write(const ConferenceModify& request);
Element write(const ConferenceModified& answer);

// The whole <error> child of an IQ.
Element write_error(const Refusal& refusal);
Refusal parse_error(const Element& error);

}  // namespace jmeet::xmpp::colibri2

namespace jmeet::xmpp::colibri2 {
// For Result<T, Refusal>: never thrown past a co_await by our code; here for completeness.
[[noreturn]] void throw_exception_from_error(const Refusal& refusal,
                                             const boost::source_location& where);
}  // namespace jmeet::xmpp::colibri2
