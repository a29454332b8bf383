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

// What the server's components say to the focus.
inline std::string moderation_message(const std::string& json) {
    return fmt::format("<message from='avmoderation.meet.test' to='{}'><json-message "
                       "xmlns='http://jitsi.org/jitmeet'>{}</json-message></message>",
                       kFocusJid, json);
}

inline std::string metadata_message(const std::string& metadata,
                                    const std::string& from = "metadata.meet.test",
                                    const std::string& room = kRoom) {
    return fmt::format("<message from='{}' to='{}'><json-message "
                       "xmlns='http://jitsi.org/jitmeet' room='{}'>{{\"type\":\"room_metadata\","
                       "\"metadata\":{}}}</json-message></message>",
                       from, kFocusJid, room, metadata);
}

// Moderation of one media begins or ends.
inline std::string moderate(const std::string& media, bool on, const std::string& actor = {}) {
    return moderation_message(fmt::format(
        "{{\"type\":\"av_moderation\",\"enabled\":{},\"mediaType\":\"{}\",\"room\":\"{}\"{}}}", on,
        media, kRoom, actor.empty() ? "" : ",\"actor\":\"" + actor + "\""));
}

// Who may unmute.
inline std::string allow(const std::string& media, const std::string& list) {
    return moderation_message(fmt::format(
        "{{\"type\":\"av_moderation\",\"room\":\"{}\",\"whitelists\":{{\"{}\":[{}]}},"
        "\"mediaType\":\"{}\"}}",
        kRoom, media, list, media));
}

inline std::string mute_iq(const std::string& media, const std::string& from,
                           const std::string& target, const std::string& text) {
    return fmt::format("<iq type='set' id='m1' from='{}' to='{}'><mute "
                       "xmlns='http://jitsi.org/jitmeet/{}' jid='{}'>{}</mute></iq>",
                       from, kFocusJid, media, target, text);
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
