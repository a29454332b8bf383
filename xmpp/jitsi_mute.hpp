// The mute IQs http://jitsi.org/jitmeet/audio, /video and /desktop: a moderator's request to the
// focus, and the focus' notification to the one who is muted.
//
// Plain values; control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xmpp/element.hpp"

namespace jmeet::xmpp {

enum class MuteMedia : std::uint8_t { audio, video, desktop };

struct Mute {
    MuteMedia media = MuteMedia::audio;
    std::string jid;           // requests: occupant JID of the target; "" where absent
    std::string actor;         // notifications: occupant JID of the moderator, or ""
    std::optional<bool> mute;  // nothing where the text is missing
    bool operator==(const Mute&) const = default;
};

// Nothing when the element is no <mute/> of one of the three namespaces.
std::optional<Mute> parse_mute(const Element& element);
Element write_mute(const Mute& mute);

const char* mute_namespace(MuteMedia media);
// "audio", "video", "desktop" in any case.
std::optional<MuteMedia> parse_mute_media(std::string_view name);
std::string_view to_string(MuteMedia media);

}  // namespace jmeet::xmpp
