// Shorthands for talks about a running call.
#pragma once

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "tests/focus/talk.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {

// A client without SSRC rewriting.
inline constexpr char kPlainFeatures[] =
    "<feature var='http://jitsi.org/json-encoded-sources'/><feature var='http://jitsi.org/tcc'/>"
    "<feature var='urn:xmpp:jingle:apps:rtp:audio'/>"
    "<feature var='urn:xmpp:jingle:apps:rtp:video'/>";

inline std::string condition_of(const xmpp::Element& answer) {
    return xmpp::parse_stanza_error(answer).condition;
}

inline std::string jingle_iq(const std::string& nick, const std::string& action,
                             const std::string& sid, const std::string& inside,
                             const std::string& id = "j1") {
    return fmt::format("<iq type='set' id='{}' from='{}' to='{}'><jingle "
                       "xmlns='urn:xmpp:jingle:1' action='{}' sid='{}'>{}</jingle></iq>",
                       id, occupant(nick), kFocusJid, action, sid, inside);
}

// Inside a session-terminate: the client wants a new session.
inline std::string restart(const std::string& bridge_session) {
    return fmt::format("<reason><connectivity-error/><text>ICE FAILED</text></reason>"
                       "<bridge-session xmlns='http://jitsi.org/protocol/focus' id='{}' "
                       "restart='true'/>",
                       bridge_session);
}

inline bool says_no_bridge(const xmpp::Element& presence) {
    return presence.child("bridgeNotAvailable") != nullptr;
}

inline Talk::Match conference_expire(const std::string& nick) {
    return [=](const xmpp::Element& s) {
        return Talk::colibri(nick)(s) && s.child("conference-modify")->get_bool("expire");
    };
}

// aaaa and bbbb are in a call on jvb1, and nothing is left to look at.
struct Call : Talk {
    Call() {
        two_party_call();
        stream->sent.clear();
    }
    Conference* conference() {
        return focus->rooms().find(xmpp::Jid("standup", "muc.meet.test"));
    }
    std::string bridge_session() { return conference()->bridges()->session_id_of("aaaa"); }
};

}  // namespace jmeet::focus
