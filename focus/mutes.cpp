#include "focus/mutes.hpp"

namespace jmeet::focus {

using xmpp::stanza_error;

Mutes::Mutes(ConferenceState& conference, ConferenceBridges& bridges)
    : conference_(conference), bridges_(bridges), log_(conference.log.named("MuteIqHandler")) {}

xmpp::Element Mutes::answer(const xmpp::Element& iq, const xmpp::Mute& request) {
    const auto from = xmpp::Jid::parse(iq.get("from"));
    const auto to = xmpp::Jid::parse(request.jid);
    if (!from || !to || !request.mute) {
        return xmpp::make_error(iq, stanza_error("bad-request"));
    }
    const Member* const muter = invited(from->resource());
    const Member* const target = invited(to->resource());
    switch (decide_mute(muter, target, request, conference_.moderation)) {
        case MuteDecision::not_allowed:
            return xmpp::make_error(iq, stanza_error("not-allowed"));
        case MuteDecision::error:
            return xmpp::make_error(iq, stanza_error("internal-server-error"));
        case MuteDecision::allowed:
            break;
    }
    log_.info("Will {} {} on behalf of {} for {}", *request.mute ? "mute" : "unmute",
              target->occupant.to_string(), muter->occupant.to_string(),
              xmpp::to_string(request.media));
    bridges_.force_mute({{target->id, conference_.moderation.force_mute(*target)}});
    if (target != muter) {
        xmpp::Mute notification{request.media, {}, muter->occupant.to_string(), request.mute};
        send_iq(conference_.focus, target->occupant, xmpp::write_mute(notification));
    }
    return xmpp::make_result(iq);
}

void Mutes::on_av_moderation(const xmpp::AvModeration& message) {
    const bool began = conference_.moderation.apply(message);
    if (began) {
        log_.info("Moderation for {} in {} was enabled by {}", xmpp::to_string(message.media),
                  conference_.room.to_string(), message.actor);
        return mute_all(message.media, message.actor);
    }
    enforce({});
}

void Mutes::mute_all(xmpp::MuteMedia media, const std::string& actor) {
    enforce(actor);
    for (const auto& [id, participant] : conference_.participants) {
        const Member* const member = invited(id);
        if (!member || member->force_mute_suppressed()) continue;
        if (member->occupant.to_string() == actor) continue;
        send_iq(conference_.focus, member->occupant, xmpp::write_mute({media, {}, {}, true}));
    }
}

void Mutes::enforce(const std::string& except_occupant) {
    std::map<std::string, xmpp::colibri2::ForceMute> flags;
    for (const auto& [id, participant] : conference_.participants) {
        const Member* const member = invited(id);
        if (!member || member->occupant.to_string() == except_occupant) continue;
        flags.emplace(id, conference_.moderation.force_mute(*member));
    }
    bridges_.force_mute(flags);
}

const Member* Mutes::invited(const std::string& id) const {
    return conference_.participant(id) ? conference_.members.find(id) : nullptr;
}

}  // namespace jmeet::focus
