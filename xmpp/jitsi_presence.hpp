// Extensions in MUC presence: what the focus reads from members and what it writes into its own.
//
// Plain values; control thread. MUC items, statuses and roles are in xmpp/muc.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xmpp/element.hpp"

namespace jmeet::xmpp {

struct CapsRef {
    std::string node;
    std::string ver;
    std::string hash;
    bool operator==(const CapsRef&) const = default;
};

// What is absent in a presence is nothing here; which of it is sticky is the focus' affair
// (region and stats-id are, features are not).
struct MemberPresence {
    std::optional<CapsRef> caps;
    std::optional<std::string> source_info;  // JSON text; see jitsi_source_info.hpp
    bool audio_muted = true;                 // <audiomuted/>: only where there is no SourceInfo
    bool video_muted = true;
    std::optional<std::string> region;
    std::optional<std::string> stats_id;
    // Lower case, with vp8 at the end if it was missing; from codecList, else codecType, else
    // just vp8.
    std::vector<std::string> codecs;
    bool diarize = false;
    std::vector<std::string> features;  // <features><feature var/></features>
    std::string status;                 // "switch_room" = on the way to a breakout room
    bool operator==(const MemberPresence&) const = default;
};

inline constexpr char kFeatureJibri[] = "http://jitsi.org/protocol/jibri";
inline constexpr char kFeatureJigasi[] = "http://jitsi.org/protocol/jigasi";
inline constexpr char kFeatureTranscriber[] = "http://jitsi.org/protocol/transcriber";

MemberPresence parse_member_presence(const Element& presence);

// The focus' own extensions. Every update repeats all of them.
struct FocusPresence {
    std::string shared_document;  // text of <etherpad/>
    std::string version;          // text of <component name='focus'/>
    std::vector<std::pair<std::string, std::string>> properties;  // conference-properties
    bool bridge_not_available = false;

    // True when something changed.
    bool set_property(std::string_view key, std::string_view value);
    bool operator==(const FocusPresence&) const = default;
};

// etherpad, versions, conference-properties, bridgeNotAvailable: to append to a presence.
std::vector<Element> write_focus_presence(const FocusPresence& presence);
// For clients in tests and for talks: the same, read back.
FocusPresence parse_focus_presence(const Element& presence);

}  // namespace jmeet::xmpp
