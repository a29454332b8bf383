// What must be known of a conference so that another focus process can go on with it: the room,
// the session on the bridge, and every participant's session and sources. Nothing secret: neither
// passwords nor ICE credentials.
//
// Plain values and pure functions; control thread. Written as one XML element in a versioned
// namespace; another version is not read.
#pragma once

#include <string>
#include <vector>

#include "focus/bridges/conference_bridges.hpp"
#include "focus/conference_state.hpp"

namespace jmeet::focus {

inline constexpr char kRecordNamespace[] = "urn:jmeet:focus-state:1";

struct ParticipantRecord {
    std::string id;
    xmpp::Jid real_jid;
    std::string stats_id;
    Features features;
    std::string sid;
    bool accepted = false;  // the session is active
    bool visitor = false;
    xmpp::colibri2::ForceMute force_mute;  // as the bridge was last told
    EndpointSourceSet sources;
};

struct ConferenceRecord {
    xmpp::Jid room;
    std::string meeting_id;
    std::string focus_resource;  // of the process that wrote it
    std::string shared_document;
    ConferenceOptions options;
    struct OnBridge {
        xmpp::Jid jid;
        std::string session_id;
        std::string process;  // the heartbeat's ufrag; empty: a foreign bridge
    };
    std::optional<OnBridge> bridge;
    AvModeration moderation;
    std::vector<ParticipantRecord> participants;
};

ConferenceRecord record_of(const ConferenceState& state, const ConferenceBridges* bridges);
// Which process a bridge is; empty where it does not say so.
std::string process_of(const Bridge& bridge);

xmpp::Element write_record(const ConferenceRecord& record);
// The error is a sentence.
Result<ConferenceRecord> parse_record(const xmpp::Element& element);

}  // namespace jmeet::focus
