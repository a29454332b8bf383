// Talks with a focus where rooms are opened by people who have logged in.
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

FocusConfig secure_config(AuthConfig::Type type = AuthConfig::Type::xmpp) {
    FocusConfig config = talk_config();
    config.auth.type = type;
    config.auth.domain = "meet.test";
    return config;
}

struct SecureDomain : Talk {
    explicit SecureDomain(FocusConfig config = secure_config()) : Talk(std::move(config)) {}

    // A conference request of this real JID, through the client proxy.
    void ask(const std::string& id, const std::string& jid, const std::string& machine_uid,
             const std::string& session_id = {}, const std::string& room = kRoom) {
        hear(fmt::format("<iq type='set' id='{}' from='focus.meet.test/{}' to='{}'>"
                         "<conference xmlns='http://jitsi.org/protocol/focus' room='{}' "
                         "machine-uid='{}' session-id='{}'/></iq>",
                         id, jid, kFocusJid, room, machine_uid, session_id));
    }
    xmpp::ConferenceIq answered(const std::string& id) {
        const auto answer = expect("answer to " + id, answer_to(id));
        REQUIRE(answer.get("type") == "result");
        return *xmpp::parse_conference(*answer.child("conference"));
    }
    void joins(const std::string& nick, const std::string& real_jid,
               const std::string& affiliation = "none") {
        hear(fmt::format("<presence from='{}' to='{}'>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'>"
                         "<item affiliation='{}' role='participant' jid='{}'/></x></presence>",
                         occupant(nick), kFocusJid, affiliation, real_jid));
        answer(expect("disco#info", iq("get", occupant(nick), "query")),
               "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    }
    Match grant_of(const std::string& bare_jid) {
        return [=](const xmpp::Element& s) {
            if (!iq("set", kRoom, "query")(s)) return false;
            const auto* item = s.child("query")->child("item");
            return item && item->get("affiliation") == "owner" && item->get("jid") == bare_jid;
        };
    }
};

constexpr char kAnn[] = "ann@meet.test/login";
constexpr char kGuest[] = "g1@guest.meet.test/web";

TEST_CASE_FIXTURE(SecureDomain, "a guest waits, its user logs in beside it, and becomes owner") {
    ask("1", kGuest, "m1");
    const auto refused = expect("a refusal", answer_to("1"));
    CHECK(condition_of(refused) == "not-authorized");
    CHECK(xmpp::parse_stanza_error(refused).text == "not authorized user domain");
    CHECK(refused.get("to") == "focus.meet.test/" + std::string(kGuest));

    ask("2", kAnn, "m1");
    let_room_in();
    const auto opened = answered("2");
    CHECK(opened.ready == true);
    CHECK(opened.identity == "ann@meet.test");
    CHECK(opened.property("authentication") == "true");
    CHECK(opened.property("externalAuth") == "false");
    REQUIRE(!opened.session_id.empty());

    ask("3", kGuest, "m1", opened.session_id);
    const auto known = answered("3");
    CHECK(known.session_id == opened.session_id);
    CHECK(known.identity == "ann@meet.test");
    joins("aaaa", kGuest);
    answer(expect("owner rights", grant_of("g1@guest.meet.test")));

    ask("4", "g2@guest.meet.test/web", "m2");
    const auto guest = answered("4");
    CHECK(guest.session_id.empty());
    CHECK(guest.identity.empty());
    joins("bbbb", "g2@guest.meet.test/web");
    expect_none("owner rights for a guest", grant_of("g2@guest.meet.test"));
}

TEST_CASE_FIXTURE(SecureDomain, "who logs in while in the room becomes owner, once") {
    ask("1", kAnn, "m1");
    let_room_in();
    const auto session = answered("1").session_id;
    joins("bbbb", kGuest);
    expect_none("owner rights for a guest", grant_of("g1@guest.meet.test"));
    ask("2", kGuest, "m1", session);
    expect("owner rights", grant_of("g1@guest.meet.test"));
    ask("3", kGuest, "m1", session);
    expect_none("a second grant", grant_of("g1@guest.meet.test"));
}

TEST_CASE_FIXTURE(SecureDomain, "two are there before the focus: who has logged in becomes owner") {
    ask("1", kAnn, "m1");
    for (const auto& [nick, jid] : {std::pair("aaaa", kAnn), std::pair("bbbb", kGuest)}) {
        hear(fmt::format("<presence from='{}' to='{}'>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'>"
                         "<item affiliation='none' role='participant' jid='{}'/></x></presence>",
                         occupant(nick), kFocusJid, jid));
    }
    let_room_in();
    answered("1");
    expect("owner rights", grant_of("ann@meet.test"));
    expect_none("owner rights for a guest", grant_of("g1@guest.meet.test"));
}

TEST_CASE_FIXTURE(SecureDomain, "an owner is not made owner again, and nobody is elected") {
    ask("1", kAnn, "m1");
    let_room_in();
    answered("1");
    joins("aaaa", kAnn, "owner");
    joins("bbbb", kGuest);
    expect_none("a grant", iq("set", kRoom, "query"));
}

TEST_CASE_FIXTURE(SecureDomain, "a wrong session is said so, also where the room is open") {
    ask("1", kAnn, "m1");
    let_room_in();
    const auto session = answered("1").session_id;
    ask("2", kGuest, "m1", "unknown");
    const auto invalid = expect("a refusal", answer_to("2"));
    CHECK(condition_of(invalid) == "not-acceptable");
    CHECK(invalid.child("error")->child("session-invalid") != nullptr);
    ask("3", kGuest, "m2", session);
    CHECK(condition_of(expect("a refusal", answer_to("3"))) == "not-acceptable");
}

TEST_CASE_FIXTURE(SecureDomain, "breakout rooms ask for no login") {
    ask("1", kGuest, "m1", {}, "room2@breakout.meet.test");
    expect("join", presence("room2@breakout.meet.test/focus"));
}

TEST_CASE_FIXTURE(SecureDomain, "login address and logout, through the client proxy") {
    const std::string from = "focus.meet.test/" + std::string(kGuest);
    hear(fmt::format("<iq type='get' id='u' from='{}' to='{}'>"
                     "<login-url xmlns='http://jitsi.org/protocol/focus' room='{}' "
                     "machine-uid='m1'/></iq>",
                     from, kFocusJid, kRoom));
    const auto where = expect("the address", answer_to("u"));
    CHECK(where.get("to") == from);
    CHECK(where.child("login-url")->get("url") == ".%2Fstandup%3Flogin%3Dtrue");

    ask("1", kAnn, "m1");
    let_room_in();
    const auto session = answered("1").session_id;
    hear(fmt::format("<iq type='set' id='o' from='{}' to='{}'>"
                     "<logout xmlns='http://jitsi.org/protocol/focus' session-id='{}'/></iq>",
                     from, kFocusJid, session));
    CHECK(expect("goodbye", answer_to("o")).get("type") == "result");
    ask("2", kGuest, "m1", session);
    CHECK(expect("a refusal", answer_to("2")).child("error")->child("session-invalid"));
}

TEST_CASE("with tokens the client knows its own login page") {
    SecureDomain talk(secure_config(AuthConfig::Type::jwt));
    talk.ask("1", kAnn, "m1");
    talk.let_room_in();
    const auto opened = talk.answered("1");
    CHECK(opened.property("externalAuth") == "true");
}

TEST_CASE("without authentication nobody is asked, and there are no logins") {
    Talk talk;
    talk.hear(fmt::format("<iq type='set' id='o' from='a@meet.test/b' to='{}'>"
                          "<logout xmlns='http://jitsi.org/protocol/focus' session-id='s'/></iq>",
                          kFocusJid));
    CHECK(condition_of(talk.expect("a refusal", Talk::answer_to("o"))) == "service-unavailable");
    talk.open_room();
}

}  // namespace
}  // namespace jmeet::focus
