#include "focus/auth/login_record.hpp"

#include <algorithm>

namespace jmeet::focus {
namespace {

constexpr char kNamespace[] = "urn:jmeet:focus-logins:1";

bool fits(const AuthSessions::Session& session) {
    return std::max({session.machine_uid.size(), session.identity.size(),
                     session.room.to_string().size(), session.jid.to_string().size()}) <=
           kMaxLoginField;
}

}  // namespace

xmpp::Element write_logins(const AuthSessions& sessions, const BothClocks& now) {
    xmpp::Element out("logins", kNamespace);
    for (const AuthSessions::Session& session : sessions.recent(kMaxLogins)) {
        if (!fits(session)) continue;
        const auto idle =
            std::chrono::duration_cast<std::chrono::system_clock::duration>(
                now.steady - session.last_activity);
        const auto used = std::chrono::system_clock::to_time_t(now.wall - idle);
        out.add("session")
            .set("id", session.id)
            .set("machine-uid", session.machine_uid)
            .set("identity", session.identity)
            .set("room", session.room.to_string())
            .set("jid", session.jid.to_string())
            .set("used", std::int64_t{used});
    }
    return out;
}

void read_logins(const xmpp::Element& element, AuthSessions& sessions, const BothClocks& now) {
    if (!element.is("logins", kNamespace)) return;
    const auto wall = std::int64_t{std::chrono::system_clock::to_time_t(now.wall)};
    for (const xmpp::Element* const child : element.children_named("session", kNamespace)) {
        const auto room = xmpp::Jid::parse(child->get("room"));
        const auto jid = xmpp::Jid::parse(child->get("jid"));
        // A clock that was set back makes nobody younger than now.
        const std::int64_t used =
            std::clamp<std::int64_t>(child->get_int("used").value_or(0), 0, wall);
        sessions.adopt({child->get("id"), child->get("machine-uid"), child->get("identity"),
                        room ? *room : xmpp::Jid(), jid ? *jid : xmpp::Jid(),
                        now.steady - seconds(wall - used)},
                       now.steady);
    }
}

}  // namespace jmeet::focus
