// A Jingle IQ's payload (XEP-0166 with -0167, -0176, -0320, -0338, -0339, -0343) as Jitsi uses it
// between focus and client: bundle, bridge-session, compact JSON sources, ice-state, startmuted.
//
// Plain values; control thread. Read in two steps: the head finds the session and refuses what is
// no request at all, the rest may then fail with the text of a bad-request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "xmpp/element.hpp"
#include "xmpp/jingle_rtp.hpp"
#include "xmpp/jingle_transport.hpp"

namespace jmeet::xmpp {

enum class JingleAction : std::uint8_t {
    missing,      // no action attribute, or one that XEP-0166 and Jitsi do not know
    unsupported,  // known and not for a focus: content-add, content-modify, description-info...
    session_initiate,
    session_accept,
    session_info,
    session_terminate,
    source_add,     // also "addsource"
    source_remove,  // also "removesource"
    transport_info,
    transport_replace,
    transport_accept,
    transport_reject,
};

struct JingleContent {
    std::string creator;  // "initiator", "responder"; empty in source-add and source-remove
    std::string name;     // "audio", "video", "data"
    std::string senders;  // "both", "initiator", "responder", "none", "rejected" or empty
    // Without a description: a data answer, or Jigasi's transport-info.
    std::optional<RtpDescription> description;
    std::optional<std::uint32_t> maxptime;
    bool rtcp_mux = false;  // in the description
    std::vector<Source> sources;
    std::vector<SsrcGroup> groups;  // "SIM" and "FID" only
    std::optional<IceUdpTransport> transport;
    std::optional<int> initial_last_n;

    // The description's media, else the content's name.
    const std::string& media() const;
    bool operator==(const JingleContent&) const = default;
};

struct BridgeSession {
    std::string id;
    std::string region;
    bool restart = false;      // session-terminate: the client wants a new session
    bool ice_restart = false;  // session-info: in-place ICE restart
    bool operator==(const BridgeSession&) const = default;
};

struct StartMuted {
    bool audio = false;
    bool video = false;
    bool operator==(const StartMuted&) const = default;
};

struct JingleReason {
    std::string condition;  // "success", "expired", "connectivity-error", ...
    std::string text;
    bool operator==(const JingleReason&) const = default;
};

struct Jingle {
    JingleAction action = JingleAction::missing;
    std::string sid;
    std::string initiator;
    std::string responder;
    std::vector<JingleContent> contents;
    std::vector<std::string> bundle;  // names of the BUNDLE group, empty: no group
    std::optional<StartMuted> start_muted;
    std::optional<BridgeSession> bridge_session;
    std::string json_message;  // text of Jitsi's <json-message>, empty: none
    std::optional<JingleReason> reason;
    std::string ice_state;  // text of <ice-state>, trimmed, lower case; empty: none
    bool operator==(const Jingle&) const = default;
};

struct JingleHead {
    JingleAction action = JingleAction::missing;
    std::string sid;
};

// LIMIT: audio, video, data; a client that makes one content per track has as many as sources.
inline constexpr std::size_t kMaxContents = 24;

// <jingle xmlns='urn:xmpp:jingle:1'/>.
JingleHead read_jingle_head(const Element& jingle);
// The error is the text for a bad-request: a malformed child, an unknown media type or videoType,
// a group other than SIM and FID, "Invalid SSRC: N.". Unknown children (traceparent) are skipped.
Result<Jingle> parse_jingle(const Element& jingle);
// Children in Jicofo's order: reason, contents, group, startmuted, bridge-session, json-message.
Element write_jingle(const Jingle& jingle);

std::string_view to_string(JingleAction action);
// A session id as Jicofo makes them from 64 random bits: base 32, digits 0-9a-v.
std::string make_sid(std::uint64_t random);

}  // namespace jmeet::xmpp
