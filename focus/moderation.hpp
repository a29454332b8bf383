// Who may mute whom, and who may unmute himself: A/V moderation's state and Jicofo's rules.
//
// Pure: state and members in, decisions out. One AvModeration per conference; control thread.
#pragma once

#include <array>
#include <set>
#include <string>

#include "focus/member.hpp"
#include "xmpp/colibri2.hpp"
#include "xmpp/jitsi_json_message.hpp"
#include "xmpp/jitsi_mute.hpp"

namespace jmeet::focus {

class AvModeration {
 public:
    // Whitelists first, then the flag. True: moderation of that media has just begun.
    bool apply(const xmpp::AvModeration& message);
    bool enabled(xmpp::MuteMedia media) const { return state(media).enabled; }
    const std::set<std::string>& whitelist(xmpp::MuteMedia m) const { return state(m).whitelist; }
    // Moderation is off for that media, or the occupant is on its list.
    bool may_unmute(xmpp::MuteMedia media, const std::string& occupant) const;
    // What a bridge must enforce for this member now. The camera and the shared screen are one
    // media type there.
    xmpp::colibri2::ForceMute force_mute(const Member& member) const;
    // At an invite: moderation of audio and video, whatever the lists say.
    xmpp::colibri2::ForceMute force_mute_at_invite(const Member& member) const;
    void reset() { media_ = {}; }

 private:
    struct MediaState {
        bool enabled = false;
        // LIMIT: as long as the room's member list.
        std::set<std::string> whitelist;
    };
    MediaState& state(xmpp::MuteMedia m) { return media_[static_cast<std::size_t>(m)]; }
    const MediaState& state(xmpp::MuteMedia m) const { return media_[static_cast<std::size_t>(m)]; }

    std::array<MediaState, 3> media_;
};

enum class MuteDecision : std::uint8_t { allowed, not_allowed, error };

// nullptr: no such invited participant. `unmute`: the request's text is "false".
MuteDecision decide_mute(const Member* muter, const Member* target, const xmpp::Mute& request,
                         const AvModeration& moderation);

}  // namespace jmeet::focus
