#include "focus/auth/auth_sessions.hpp"

#include <algorithm>

#include "focus/random_id.hpp"

namespace jmeet::focus {
namespace {

using xmpp::stanza_error;

constexpr seconds kCheckInterval{10};

bool blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

xmpp::StanzaError invalid_session() {
    auto error = stanza_error("not-acceptable", "invalid session");
    error.application = xmpp::session_invalid();
    return error;
}

// A token service has the say: a session only bridges the way from the login to the meeting.
AuthConfig effective(AuthConfig config) {
    if (config.type != AuthConfig::Type::jwt) return config;
    config.auto_login = false;
    config.lifetime = milliseconds(60'000);
    return config;
}

}  // namespace

AuthSessions::AuthSessions(const AuthConfig& config) : config_(effective(config)) {}

xmpp::IqResult<const AuthSessions::Session*> AuthSessions::use(const xmpp::ConferenceIq& request,
                                                               const xmpp::Jid& from,
                                                               TimePoint now) {
    forget_idle(now);
    Session* session = nullptr;
    if (!blank(request.session_id)) {
        const auto known = sessions_.find(request.session_id);
        if (known == sessions_.end()) return invalid_session();
        session = &known->second;
        if (session->machine_uid != request.machine_uid) {
            return stanza_error("not-acceptable", "machine UID mismatch or empty");
        }
    } else if (from.domain() == config_.domain) {
        if (blank(request.machine_uid)) {
            return stanza_error("not-acceptable", "missing mandatory attribute 'machine-uid'");
        }
        session = &create(request, from, now);
    }
    if (!session) return static_cast<const Session*>(nullptr);
    session->last_activity = now;
    changed_ = true;
    // Over HTTP nobody knows which JID will come to the room: the binding stays.
    if (!from.empty()) bind(*session, from);
    return static_cast<const Session*>(session);
}

bool AuthSessions::authenticated(const xmpp::Jid& jid, TimePoint now) {
    forget_idle(now);
    return !jid.empty() && by_jid_.contains(jid);
}

bool AuthSessions::destroy(const std::string& id) {
    const auto known = sessions_.find(id);
    if (known == sessions_.end()) return false;
    unbind(known->second);
    sessions_.erase(known);
    changed_ = true;
    return true;
}

void AuthSessions::on_conference_ended(const xmpp::Jid& room) {
    if (config_.auto_login) return;
    std::erase_if(sessions_, [&](const auto& entry) {
        if (entry.second.room != room) return false;
        unbind(entry.second);
        return changed_ = true;
    });
}

std::vector<AuthSessions::Session> AuthSessions::recent(std::size_t most) const {
    std::vector<Session> all;
    for (const auto& [id, session] : sessions_) all.push_back(session);
    std::sort(all.begin(), all.end(), [](const Session& a, const Session& b) {
        return a.last_activity > b.last_activity;
    });
    if (all.size() > most) all.resize(most);
    return all;
}

void AuthSessions::adopt(Session session, TimePoint now) {
    if (session.id.empty() || now - session.last_activity > config_.lifetime) return;
    if (sessions_.size() >= kMaxSessions || sessions_.contains(session.id)) return;
    const xmpp::Jid jid = std::exchange(session.jid, {});
    Session& adopted = sessions_.emplace(session.id, std::move(session)).first->second;
    if (!jid.empty()) bind(adopted, jid);
}

AuthSessions::Session& AuthSessions::create(const xmpp::ConferenceIq& request,
                                            const xmpp::Jid& from, TimePoint now) {
    if (sessions_.size() >= kMaxSessions) {
        const auto idlest = std::min_element(
            sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
                return a.second.last_activity < b.second.last_activity;
            });
        destroy(std::string(idlest->first));
    }
    Session session{make_uuid(), request.machine_uid, from.bare().to_string(), request.room,
                    {},          now};
    return sessions_.emplace(session.id, session).first->second;
}

void AuthSessions::bind(Session& session, const xmpp::Jid& jid) {
    unbind(session);
    session.jid = jid;
    by_jid_[jid].insert(session.id);
}

void AuthSessions::unbind(const Session& session) {
    const auto bound = by_jid_.find(session.jid);
    if (bound == by_jid_.end()) return;
    bound->second.erase(session.id);
    if (bound->second.empty()) by_jid_.erase(bound);
}

void AuthSessions::forget_idle(TimePoint now) {
    if (now - last_check_ < kCheckInterval) return;
    last_check_ = now;
    std::erase_if(sessions_, [&](const auto& entry) {
        if (now - entry.second.last_activity <= config_.lifetime) return false;
        unbind(entry.second);
        return changed_ = true;
    });
}

}  // namespace jmeet::focus
