// The focus examines itself: a room as for a meeting, and a sign of life of the server.
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

FocusConfig examined() {
    FocusConfig config = talk_config();
    config.health.enabled = true;
    config.xmpp.conference_muc = "muc.meet.test";
    return config;
}

bool is_test_room(const xmpp::Element& s) {
    const auto to = xmpp::Jid::parse(s.get("to"));
    return to && to->node().starts_with("__jicofo-health-check-") &&
           to->domain() == "muc.meet.test";
}

struct Examined : Talk {
    explicit Examined(FocusConfig config = examined()) : Talk(std::move(config)) {
        bridge_appears("jvb1");
    }
    // The next check begins: its join.
    xmpp::Jid next_check() {
        run_for(milliseconds(10'000));
        const auto join = expect("join of a test room", [](const xmpp::Element& s) {
            return s.name() == "presence" && s.get("type").empty() && is_test_room(s);
        });
        return *xmpp::Jid::parse(join.get("to"));
    }
    void let_in(const xmpp::Jid& own) {
        hear(fmt::format("<presence from='{}' to='{}'>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><status code='201'/>"
                         "<item jid='{}' affiliation='owner' role='moderator'/>"
                         "<status code='110'/></x></presence>",
                         own.to_string(), kFocusJid, kFocusJid));
        const std::string room = own.bare().to_string();
        answer(expect("form", iq("get", room, "query")),
               "<query xmlns='http://jabber.org/protocol/muc#owner'>"
               "<x xmlns='jabber:x:data' type='form'/></query>");
        answer(expect("submission", iq("set", room, "query")));
    }
    xmpp::Element ping() { return expect("a ping", iq("get", "meet.test", "ping")); }
    std::string trouble() {
        const HealthResult health = focus->health();
        return health.success ? std::string()
                              : std::to_string(health.status()) + " " + health.message;
    }
};

TEST_CASE_FIXTURE(Examined, "every ten seconds a room is opened and left, and the server answers") {
    CHECK(trouble().empty());
    for (int i = 0; i < 3; ++i) {
        const xmpp::Jid own = next_check();
        CHECK(own.resource() == "focus");
        let_in(own);
        expect("the room is left", presence(own.to_string(), "unavailable"));
        answer(ping());
        CHECK(trouble().empty());
    }
    CHECK(focus->rooms().all().empty());
    CHECK(focus->counters().conferences_created == 0);
    CHECK(focus->slow_health_checks() == 0);
}

TEST_CASE_FIXTURE(Examined, "a room that cannot be opened is a hard failure, until it can") {
    const xmpp::Jid own = next_check();
    hear(fmt::format("<presence type='error' from='{}' to='{}'><error type='cancel'>"
                     "<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                     "</presence>",
                     own.to_string(), kFocusJid));
    CHECK(trouble().starts_with("500 Test conference failed to start: "));
    let_in(next_check());
    answer(ping());
    CHECK(trouble().empty());
}

TEST_CASE_FIXTURE(Examined, "silence may pass: a soft failure") {
    SUBCASE("of the room service") {
        next_check();
        run_for(milliseconds(1'100));
        CHECK(trouble().starts_with("503 Test conference failed to start: "));
    }
    SUBCASE("of the server") {
        let_in(next_check());
        ping();
        run_for(milliseconds(5'100));
        CHECK(trouble() == "503 The XMPP server did not answer a ping within 5 s.");
    }
}

TEST_CASE("a check that takes long is a failure") {
    FocusConfig config = examined();
    config.health.max_duration = milliseconds(500);
    Examined talk(config);
    talk.next_check();
    talk.run_for(milliseconds(1'100));
    CHECK(talk.focus->slow_health_checks() == 1);
    CHECK(talk.trouble().starts_with("500 Performing a health check took too long: PT1."));
}

TEST_CASE("a check that does not end is one too") {
    FocusConfig config = examined();
    config.health.timeout = milliseconds(12'000);
    config.xmpp.reply_timeout = seconds(40);
    Examined talk(config);
    talk.let_in(talk.next_check());
    talk.answer(talk.ping());
    const xmpp::Jid own = talk.next_check();
    talk.run_for(milliseconds(1'500));
    CHECK(talk.trouble().empty());
    talk.run_for(milliseconds(1'000));
    CHECK(talk.trouble().starts_with(
        "500 No health checks performed recently, the last result was PT12."));
    talk.let_in(own);
    talk.answer(talk.ping());
    CHECK(talk.trouble().empty());
}

TEST_CASE_FIXTURE(Examined, "what is known without a check is said at once") {
    let_in(next_check());
    answer(ping());
    bridge_leaves("jvb1");
    CHECK(trouble() == "500 No operational bridges available (total bridge count: 0)");
    stream->change(xmpp::ConnectionState::disconnected);
    CHECK(trouble() == "500 Not connected to the XMPP server.");
    // No check while there is nobody to ask, and no old age either.
    run_for(milliseconds(60'000));
    stream->change(xmpp::ConnectionState::connected);
    CHECK(trouble() == "500 No operational bridges available (total bridge count: 0)");
    bridge_appears("jvb1");
    CHECK(trouble().empty());
}

}  // namespace
}  // namespace jmeet::focus
