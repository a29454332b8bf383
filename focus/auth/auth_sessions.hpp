// Who has logged in: Jitsi's authentication sessions of a secure domain. A user of the trusted
// domain gets one with its first conference request, and takes it along to the connection that it
// meets with.
//
// Owned by Services, only where authentication is on; control thread. In memory, and with a state
// folder in a file (login_record.hpp). The focus checks no password and no token: the server did,
// when the user logged in at its domain.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "focus/focus_config.hpp"
#include "xmpp/jitsi_conference.hpp"
#include "xmpp/stanza_error.hpp"

namespace jmeet::focus {

class AuthSessions {
 public:
    struct Session {
        std::string id;
        std::string machine_uid;
        std::string identity;  // the bare JID that logged in
        xmpp::Jid room;        // that it was made for
        xmpp::Jid jid;         // full; the last one that used it
        TimePoint last_activity;
    };
    // LIMIT: a user who asks again and again gets a session each time; the idlest ones go.
    static constexpr std::size_t kMaxSessions = 50'000;

    explicit AuthSessions(const AuthConfig& config);

    // The session of this conference request, made anew where it may be; nullptr for a guest.
    // `from`: the real full JID, or empty over HTTP.
    xmpp::IqResult<const Session*> use(const xmpp::ConferenceIq& request, const xmpp::Jid& from,
                                       TimePoint now);
    // Some session was last used by this full JID.
    bool authenticated(const xmpp::Jid& jid, TimePoint now);
    // Logout; false: there is no such session.
    bool destroy(const std::string& id);
    // Without auto-login a session ends with the conference that it was made for.
    void on_conference_ended(const xmpp::Jid& room);

    // Those used last, the last one first.
    std::vector<Session> recent(std::size_t most) const;
    // Of the process before; one that is too old or known already is left out.
    void adopt(Session session, TimePoint now);
    // Something that recent() tells has changed since the last call.
    bool take_changed() { return std::exchange(changed_, false); }

    std::size_t size() const { return sessions_.size(); }
    bool external() const { return config_.type == AuthConfig::Type::jwt; }

 private:
    Session& create(const xmpp::ConferenceIq& request, const xmpp::Jid& from, TimePoint now);
    void bind(Session& session, const xmpp::Jid& jid);
    void unbind(const Session& session);
    void forget_idle(TimePoint now);

    const AuthConfig config_;
    std::map<std::string, Session> sessions_;
    std::map<xmpp::Jid, std::set<std::string>> by_jid_;
    TimePoint last_check_{};
    bool changed_ = false;
};

}  // namespace jmeet::focus
