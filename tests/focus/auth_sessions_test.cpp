#include "focus/auth/auth_sessions.hpp"

#include <doctest/doctest.h>

#include "focus/auth/login_iqs.hpp"

namespace jmeet::focus {
namespace {

const xmpp::Jid kUser("ann", "meet.test", "login");
const xmpp::Jid kGuestJid("g1", "guest.meet.test", "web");
const xmpp::Jid kOtherGuest("g2", "guest.meet.test", "web");
const xmpp::Jid kStandup("standup", "muc.meet.test");

AuthConfig secure_domain() {
    AuthConfig config;
    config.type = AuthConfig::Type::xmpp;
    config.domain = "meet.test";
    return config;
}

struct Login {
    explicit Login(const AuthConfig& config = secure_domain()) : sessions(config) {}

    // The session's id, "guest" without one, or the error.
    std::string use(const xmpp::Jid& from, const std::string& session_id,
                    const std::string& machine_uid) {
        xmpp::ConferenceIq request;
        request.room = kStandup;
        request.session_id = session_id;
        request.machine_uid = machine_uid;
        const auto session = sessions.use(request, from, now);
        if (!session) return session.error().to_string();
        return *session ? (*session)->id : "guest";
    }
    AuthSessions sessions;
    TimePoint now = TimePoint() + std::chrono::hours(1);
};

TEST_CASE_FIXTURE(Login, "sessions of a secure domain, Jicofo's ten cases") {
    CHECK(use(kGuestJid, "", "m1") == "guest");
    const std::string s1 = use(kUser, "", "m1");
    CHECK(s1.size() == 36);
    CHECK(use(kGuestJid, "", "m2") == "guest");
    CHECK(use(kGuestJid, s1, "m1") == s1);
    CHECK(use(kGuestJid, "unknown", "m2") ==
          "not-acceptable (modify) session-invalid: invalid session");
    const std::string mismatch = "not-acceptable (modify): machine UID mismatch or empty";
    CHECK(use(kGuestJid, s1, "m2") == mismatch);
    CHECK(use(kOtherGuest, s1, "m2") == mismatch);
    CHECK(use(kGuestJid, s1, "") == mismatch);
    CHECK(use(kUser, "", "") ==
          "not-acceptable (modify): missing mandatory attribute 'machine-uid'");
    const std::string other = use(kUser, "", "m3");
    CHECK(other.size() == 36);
    CHECK(other != s1);
}

TEST_CASE_FIXTURE(Login, "who is authenticated is the full JID that used a session last") {
    const std::string id = use(kUser, "", "m1");
    CHECK(sessions.authenticated(kUser, now));
    CHECK(use(kGuestJid, id, "m1") == id);
    CHECK(sessions.authenticated(kGuestJid, now));
    CHECK(!sessions.authenticated(kUser, now));
    CHECK(!sessions.authenticated(kGuestJid.bare(), now));
    CHECK(!sessions.authenticated({}, now));
    // Over HTTP there is no JID: the session is known, its JID stays.
    CHECK(use({}, id, "m1") == id);
    CHECK(sessions.authenticated(kGuestJid, now));
    CHECK(sessions.destroy(id));
    CHECK(!sessions.destroy(id));
    CHECK(!sessions.authenticated(kGuestJid, now));
}

TEST_CASE_FIXTURE(Login, "a session ends a day after its last request, not with the conference") {
    const std::string id = use(kUser, "", "m1");
    now += std::chrono::hours(23);
    CHECK(use(kGuestJid, id, "m1") == id);
    now += std::chrono::hours(23);
    CHECK(sessions.authenticated(kGuestJid, now));
    sessions.on_conference_ended(kStandup);
    CHECK(sessions.size() == 1);
    now += std::chrono::hours(1) + seconds(10);
    CHECK(!sessions.authenticated(kGuestJid, now));
    CHECK(sessions.size() == 0);
}

TEST_CASE("without auto-login a session ends with the conference that it was made for") {
    AuthConfig config = secure_domain();
    config.auto_login = false;
    Login login(config);
    login.use(kUser, "", "m1");
    login.sessions.on_conference_ended(xmpp::Jid("other", "muc.meet.test"));
    CHECK(login.sessions.size() == 1);
    login.sessions.on_conference_ended(kStandup);
    CHECK(login.sessions.size() == 0);
    CHECK(!login.sessions.authenticated(kUser, login.now));
}

TEST_CASE("with tokens a session lives for a minute, whatever is configured") {
    AuthConfig config = secure_domain();
    config.type = AuthConfig::Type::jwt;
    Login login(config);
    CHECK(login.sessions.external());
    login.use(kUser, "", "m1");
    login.now += seconds(60);
    CHECK(login.sessions.authenticated(kUser, login.now));
    login.now += seconds(11);
    CHECK(!login.sessions.authenticated(kUser, login.now));
}

TEST_CASE_FIXTURE(Login, "one user cannot fill the memory with sessions") {
    const std::string first = use(kUser, "", "m0");
    now += std::chrono::milliseconds(1);
    for (std::size_t i = 1; i < AuthSessions::kMaxSessions; ++i) use(kUser, "", "m1");
    CHECK(sessions.size() == AuthSessions::kMaxSessions);
    use(kUser, "", "m1");
    CHECK(sessions.size() == AuthSessions::kMaxSessions);
    CHECK(use(kGuestJid, first, "m0").starts_with("not-acceptable"));
}

xmpp::Element iq(const std::string& payload) {
    return *xmpp::parse_element("<iq type='set' id='i' from='a@b/c' to='focus'>" + payload +
                                    "</iq>",
                                "jabber:client");
}

TEST_CASE_FIXTURE(Login, "where to log in") {
    const auto ask = [&](const std::string& attributes) {
        return answer_login_url(
            sessions,
            iq("<login-url xmlns='http://jitsi.org/protocol/focus' " + attributes + "/>"));
    };
    CHECK(ask("room='standup@muc.meet.test' machine-uid='m1'").child("login-url")->get("url") ==
          ".%2Fstandup%3Flogin%3Dtrue");
    CHECK(xmpp::parse_stanza_error(ask("machine-uid='m1'")).condition == "not-acceptable");
    CHECK(xmpp::parse_stanza_error(ask("room='standup@muc.meet.test'")).condition ==
          "bad-request");
    AuthConfig config = secure_domain();
    config.type = AuthConfig::Type::jwt;
    const AuthSessions external(config);
    const auto answer = answer_login_url(
        external, iq("<login-url xmlns='http://jitsi.org/protocol/focus' room='r@m' "
                     "machine-uid='m1'/>"));
    CHECK(answer.get("type") == "result");
    CHECK(!answer.child("login-url")->attribute("url"));
}

TEST_CASE_FIXTURE(Login, "logging out") {
    const std::string id = use(kUser, "", "m1");
    const auto out = [&] {
        return answer_logout(sessions, iq("<logout xmlns='http://jitsi.org/protocol/focus' "
                                          "session-id='" + id + "'/>"));
    };
    const auto done = out();
    CHECK(done.get("type") == "result");
    CHECK(done.child("logout") != nullptr);
    const auto again = xmpp::parse_stanza_error(out());
    CHECK(again.condition == "not-acceptable");
    REQUIRE(again.application.has_value());
    CHECK(again.application->name() == "session-invalid");
}

}  // namespace
}  // namespace jmeet::focus
