// The conference request <conference xmlns='http://jitsi.org/protocol/focus'/> in both directions,
// as an IQ and as the JSON of POST /conference-request/v1, and the IQs of a login.
//
// Plain values; control thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "xmpp/element.hpp"
#include "xmpp/jid.hpp"

namespace jmeet::xmpp {

struct ConferenceIq {
    Jid room;  // bare
    std::string machine_uid;
    std::string session_id;
    std::string identity;  // answers: bare JID of the logged-in user
    std::string token;
    std::optional<bool> ready;  // answers
    std::string focus_jid;      // answers: bare JID of the focus account
    std::string vnode;
    std::vector<std::pair<std::string, std::string>> properties;  // in order

    // The property's value, or nothing.
    std::optional<std::string> property(std::string_view name) const;
    // Integer; nothing where absent, blank or no number (startAudioMuted...).
    std::optional<int> property_int(std::string_view name) const;
    // "true" in any case; `absent` where there is no such property.
    bool property_bool(std::string_view name, bool absent) const;
    void set_property(std::string_view name, std::string_view value);
    bool operator==(const ConferenceIq&) const = default;
};

// LIMIT: clients send up to four properties.
inline constexpr std::size_t kMaxConferenceProperties = 64;

// The error is the text of a bad-request ("No 'room' specified.").
Result<ConferenceIq> parse_conference(const Element& conference);
Element write_conference(const ConferenceIq& conference);

// Keys room, ready, focusJid, sessionId, machineUid, identity, vnode, properties; empty ones are
// left out. Property values may be JSON booleans and numbers on input.
Result<ConferenceIq> parse_conference_json(std::string_view text);
std::string write_conference_json(const ConferenceIq& conference);

// <login-url/>: get with room, machine-uid, popup; result with url.
struct LoginUrl {
    std::string room;
    std::string machine_uid;
    bool popup = false;
    std::string url;  // answers; URL-encoded by the writer's caller
    bool operator==(const LoginUrl&) const = default;
};
LoginUrl parse_login_url(const Element& element);
Element write_login_url(const LoginUrl& login_url);

// <logout/>: set with session-id; the result is an empty one, maybe with logout-url.
struct Logout {
    std::string session_id;
    std::string logout_url;
    bool operator==(const Logout&) const = default;
};
Logout parse_logout(const Element& element);
Element write_logout(const Logout& logout);

// Goes into the <error> of a not-acceptable answer, after condition and text.
Element session_invalid();

}  // namespace jmeet::xmpp
