// The SourceInfo JSON of a member's presence: source name -> muted, videoType, mediaType.
//
// Plain values; control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jmeet::xmpp {

enum class SourceMedia : std::uint8_t { unknown, audio, video };

struct SourceInfo {
    std::string name;
    bool muted = true;
    std::string video_type;  // "camera", "desktop" or empty
    SourceMedia media = SourceMedia::unknown;
    bool operator==(const SourceInfo&) const = default;
};

// LIMIT: a participant may signal 20 sources; the presence is relayed to everybody.
inline constexpr std::size_t kMaxSourceInfoBytes = 32 * 1024;

// Nothing when the text must be ignored as a whole: no JSON object, a member that is no object,
// a videoType that is no string or unknown.
std::optional<std::vector<SourceInfo>> parse_source_info(std::string_view json);

// Muted unless at least one source of that media is not.
bool is_muted(const std::vector<SourceInfo>& sources, SourceMedia media);

}  // namespace jmeet::xmpp
