// <json-message xmlns='http://jitsi.org/jitmeet'/> from Prosody's room_metadata and av_moderation
// components.
//
// Plain values; control thread. Who sent a message is checked by the caller: only the component's
// discovered address counts. Room metadata names the room in an XML attribute, A/V moderation in
// the JSON body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "xmpp/element.hpp"
#include "xmpp/jitsi_mute.hpp"

namespace jmeet::xmpp {

// Each message replaces the whole state, with the exceptions of Jicofo: absent startMuted and
// absent visitor settings leave what was before.
struct RoomMetadata {
    struct StartMutedPolicy {
        std::optional<bool> audio;
        std::optional<bool> video;
        bool operator==(const StartMutedPolicy&) const = default;
    };
    std::optional<StartMutedPolicy> start_muted;
    bool lobby_enabled = false;
    std::optional<bool> visitors_live;
    std::optional<bool> visitors_enabled;
    std::optional<int> participants_soft_limit;
    std::vector<std::string> moderators;
    std::optional<std::vector<std::string>> participants;  // nothing = open room
    bool transcribing_enabled = false;  // recording.isTranscribingEnabled
    bool async_transcription = false;

    bool server_side_transcription() const { return transcribing_enabled && async_transcription; }
    bool operator==(const RoomMetadata&) const = default;
};

struct AvModeration {
    std::string room;  // bare JID
    // Set where the message carries enabled and mediaType.
    std::optional<bool> enabled;
    MuteMedia media = MuteMedia::audio;
    std::string actor;  // occupant JID, may be empty
    std::vector<std::pair<MuteMedia, std::vector<std::string>>> whitelists;  // occupant JIDs
    bool operator==(const AvModeration&) const = default;
};

// LIMIT: metadata of a large room lists thousands of permitted user ids.
inline constexpr std::size_t kMaxJsonMessageBytes = 256 * 1024;

// The first <json-message/> of a message, or nullptr.
const Element* find_json_message(const Element& message);
// The room attribute of a metadata message is the caller's to read (json->get("room")).
// Refused: no JSON object, duplicate names, another type. Text after the object is ignored.
Result<RoomMetadata> parse_room_metadata(std::string_view json);
Result<AvModeration> parse_av_moderation(std::string_view json);

}  // namespace jmeet::xmpp
