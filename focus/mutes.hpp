// Mute requests of participants, A/V moderation, and what both make the bridge enforce.
//
// Owned by Conference; control thread. A moderator's mute is a request to the client; only A/V
// moderation is enforced by the bridge. Jitsi's mute IQs and av_moderation messages.
#pragma once

#include "focus/bridges/conference_bridges.hpp"
#include "focus/conference_state.hpp"

namespace jmeet::focus {

class Mutes {
 public:
    Mutes(ConferenceState& conference, ConferenceBridges& bridges);

    // The whole answer to the IQ; the muted one is told before it leaves.
    xmpp::Element answer(const xmpp::Element& iq, const xmpp::Mute& request);
    void on_av_moderation(const xmpp::AvModeration& message);

 private:
    void mute_all(xmpp::MuteMedia media, const std::string& actor);
    // Whenever moderation or its lists change: everybody's flags, the difference to the bridge.
    void enforce(const std::string& except_occupant);
    const Member* invited(const std::string& id) const;

    ConferenceState& conference_;
    ConferenceBridges& bridges_;
    log::Logger log_;
};

}  // namespace jmeet::focus
