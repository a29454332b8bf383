#include "focus/moderation.hpp"

#include <algorithm>

namespace jmeet::focus {

bool AvModeration::apply(const xmpp::AvModeration& message) {
    for (const auto& [media, list] : message.whitelists) {
        state(media).whitelist = {list.begin(), list.end()};
    }
    if (!message.enabled) {
        // The component leaves empty lists out: a list message without this media's list means
        // that nobody is on it any more.
        const bool listed = std::any_of(message.whitelists.begin(), message.whitelists.end(),
                                        [&](const auto& w) { return w.first == message.media; });
        if (!message.whitelists.empty() && !listed && message.media != xmpp::MuteMedia::audio) {
            state(message.media).whitelist.clear();
        }
        return false;
    }
    const bool was = std::exchange(state(message.media).enabled, *message.enabled);
    return !was && *message.enabled;
}

bool AvModeration::may_unmute(xmpp::MuteMedia media, const std::string& occupant) const {
    return !state(media).enabled || state(media).whitelist.contains(occupant);
}

xmpp::colibri2::ForceMute AvModeration::force_mute(const Member& member) const {
    if (member.force_mute_suppressed()) return {};
    const std::string occupant = member.occupant.to_string();
    return {.audio = !may_unmute(xmpp::MuteMedia::audio, occupant),
            .video = !may_unmute(xmpp::MuteMedia::video, occupant) &&
                     !may_unmute(xmpp::MuteMedia::desktop, occupant)};
}

xmpp::colibri2::ForceMute AvModeration::force_mute_at_invite(const Member& member) const {
    if (has_moderator_rights(member.role) || member.force_mute_suppressed()) return {};
    return {.audio = enabled(xmpp::MuteMedia::audio), .video = enabled(xmpp::MuteMedia::video)};
}

MuteDecision decide_mute(const Member* muter, const Member* target, const xmpp::Mute& request,
                         const AvModeration& moderation) {
    if (!muter) return MuteDecision::error;
    const bool self = target == muter;
    const bool unmute = !request.mute.value_or(true);
    if (!self && !has_moderator_rights(muter->role)) return MuteDecision::not_allowed;
    if (!target) return MuteDecision::error;
    if (unmute && !self) return MuteDecision::not_allowed;
    if (unmute && !has_moderator_rights(muter->role) &&
        !moderation.may_unmute(request.media, muter->occupant.to_string())) {
        return MuteDecision::not_allowed;
    }
    return target->force_mute_suppressed() ? MuteDecision::not_allowed : MuteDecision::allowed;
}

}  // namespace jmeet::focus
