// What else outlives a focus process: moderation, logins, and records of other versions.
#include <sys/stat.h>

#include "focus/auth/login_record.hpp"
#include "tests/focus/state_talk.hpp"

namespace jmeet::focus {
namespace {

const std::string kAllowed = "\"" + occupant("aaaa") + "\"";

// The flags of a force-mute request, by endpoint.
std::map<std::string, bool> audio_flags(const xmpp::Element& request) {
    std::map<std::string, bool> flags;
    for (const auto* endpoint : request.child("conference-modify")->children_named("endpoint")) {
        if (const auto* mute = endpoint->child("force-mute")) {
            flags[endpoint->get("id")] = mute->get_bool("audio");
        }
    }
    return flags;
}

TEST_CASE("moderation goes on: lists and flags are known, and its end frees whom it muted") {
    Killed killed({}, [](Talk& talk) {
        talk.hear(moderate("audio", true, occupant("aaaa")));
        talk.hear(allow("audio", kAllowed));
    });
    Successor successor(killed);
    successor.bridge_appears("jvb1");
    successor.enters_with({"aaaa", "bbbb"});
    successor.bridge_knows("aaaa");
    successor.bridge_knows("bbbb");
    successor.expect_none("a second mute", Talk::iq("set", occupant("bbbb"), "mute"));

    const auto unmutes = [&](const std::string& nick) {
        successor.hear(mute_iq("audio", occupant(nick), occupant(nick), "false"));
        return successor.expect("an answer", Talk::answer_to("m1")).get("type");
    };
    CHECK(unmutes("bbbb") == "error");
    CHECK(unmutes("aaaa") == "result");

    successor.client_joins("cccc");
    const auto asked = successor.allocate("cccc");
    CHECK(audio_flags(asked) == std::map<std::string, bool>{{"cccc", true}});
    successor.stream->sent.clear();

    successor.hear(moderate("audio", false));
    CHECK(audio_flags(successor.expect("the mutes are taken back", Talk::colibri("jvb1"))) ==
          std::map<std::string, bool>{{"bbbb", false}, {"cccc", false}});
}

TEST_CASE("another meeting under the same name begins without moderation") {
    Killed killed({}, [](Talk& talk) { talk.hear(moderate("audio", true)); });
    Successor successor(killed);
    successor.meeting_id = "11111111-6b0a-4a39-8e86-0d6c4f9f6a10";
    successor.bridge_appears("jvb1");
    successor.enters_with({});
    CHECK(!successor.conference()->state().moderation.enabled(xmpp::MuteMedia::audio));
}

TEST_CASE("a record of another version: what is unknown is passed over, defaults for the rest") {
    const auto read = [](const std::string& attributes, const std::string& children) {
        return parse_record(*xmpp::parse_element(
            "<conference xmlns='urn:jmeet:focus-state:1' room='r@muc.meet.test' "
            "meeting-id='m' " + attributes + ">" + children + "</conference>"));
    };
    const auto least = read("", "<participant id='a' jid='a@meet.test/x'/>");
    REQUIRE(least.has_value());
    CHECK(!least->moderation.enabled(xmpp::MuteMedia::audio));
    CHECK(!least->participants.at(0).visitor);
    CHECK(least->participants.at(0).force_mute == xmpp::colibri2::ForceMute{});
    const auto most = read("colour='red'",
                           "<moderation media='smell' enabled='true'/><weather/>"
                           "<moderation media='video' enabled='true' since='5'>"
                           "<allowed jid='r@muc.meet.test/a'/><denied/></moderation>"
                           "<participant id='a' jid='a@meet.test/x' visitor='true' mood='good' "
                           "video-muted='true'/>");
    REQUIRE(most.has_value());
    CHECK(most->moderation.enabled(xmpp::MuteMedia::video));
    CHECK(most->moderation.whitelist(xmpp::MuteMedia::video).size() == 1);
    CHECK(most->participants.at(0).visitor);
    CHECK(most->participants.at(0).force_mute == xmpp::colibri2::ForceMute{false, true});
    // And back.
    const auto again = parse_record(write_record(*most));
    REQUIRE(again.has_value());
    CHECK(write_record(*again).to_xml() == write_record(*most).to_xml());
}

AuthConfig guarded_domain() {
    AuthConfig auth;
    auth.type = AuthConfig::Type::xmpp;
    auth.domain = "meet.test";
    return auth;
}

std::string request(const std::string& id, const std::string& jid, const std::string& session,
                    const std::string& machine = "m1") {
    return fmt::format("<iq type='set' id='{}' from='focus.meet.test/{}' to='{}'>"
                       "<conference xmlns='http://jitsi.org/protocol/focus' room='{}' "
                       "machine-uid='{}' session-id='{}'/></iq>",
                       id, jid, kFocusJid, kRoom, machine, session);
}

TEST_CASE("who had logged in is still logged in, and becomes owner; a guest does not") {
    std::string session;
    Killed killed(
        {},
        [&](Talk& talk) {
            talk.hear(request("login", "ann@meet.test/login", {}));
            session = talk.expect("the session", Talk::answer_to("login"))
                          .child("conference")
                          ->get("session-id");
            // The session is now that of the connection that meets.
            talk.hear(request("guest", "gggg@guest.meet.test/web", session));
            talk.run_for(seconds(3));
        },
        guarded_domain());
    REQUIRE(!session.empty());
    struct stat logins {};
    REQUIRE(::stat((killed.after_death.path / "logins").c_str(), &logins) == 0);
    CHECK((logins.st_mode & 0777) == 0600);

    Successor successor(killed);
    successor.bridge_appears("jvb1");
    successor.enters_with({"aaaa", "bbbb"});
    successor.bridge_knows("aaaa");
    successor.bridge_knows("bbbb");
    successor.stream->sent.clear();
    successor.hear(request("again", "gggg@guest.meet.test/web", session));
    const auto known = successor.expect("an answer", Talk::answer_to("again"));
    CHECK(known.child("conference")->get("identity") == "ann@meet.test");
    successor.hear(request("thief", "evil@guest.meet.test/web", session, "m2"));
    CHECK(condition_of(successor.expect("a refusal", Talk::answer_to("thief"))) ==
          "not-acceptable");

    const auto joins = [&](const std::string& nick, const std::string& jid) {
        successor.hear(fmt::format("<presence from='{}' to='{}'>"
                                   "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                                   "affiliation='none' role='participant' jid='{}'/></x>"
                                   "</presence>",
                                   occupant(nick), kFocusJid, jid));
        return successor.find(Talk::iq("set", kRoom, "query"));
    };
    CHECK(!joins("hhhh", "hhhh@guest.meet.test/web"));
    const auto grant = joins("gggg", "gggg@guest.meet.test/web");
    REQUIRE(grant);
    CHECK(grant->child("query")->child("item")->get("jid") == "gggg@guest.meet.test");
}

struct Logins {
    AuthSessions sessions{guarded_domain()};
    BothClocks now;

    std::string log_in(const std::string& machine) {
        xmpp::ConferenceIq request;
        request.room = *xmpp::Jid::parse(kRoom);
        request.machine_uid = machine;
        return (*sessions.use(request, *xmpp::Jid::parse("ann@meet.test/x"), now.steady))->id;
    }
    // How many another process knows, so much later.
    std::size_t known_after(std::chrono::hours later) {
        AuthSessions others{guarded_domain()};
        // Its steady clock is another one.
        read_logins(write_logins(sessions, now), others,
                    {TimePoint() + std::chrono::hours(50), now.wall + later});
        return others.size();
    }
};

TEST_CASE_FIXTURE(Logins, "logins grow old by the wall clock") {
    log_in("m1");
    CHECK(known_after(std::chrono::hours(0)) == 1);
    CHECK(known_after(std::chrono::hours(23)) == 1);
    CHECK(known_after(std::chrono::hours(25)) == 0);
    CHECK(known_after(std::chrono::hours(-5)) == 1);
}

TEST_CASE_FIXTURE(Logins, "the list of logins is bounded, the last ones stay") {
    for (std::size_t i = 0; i < kMaxLogins; ++i) log_in("m1");
    now.steady += seconds(1);
    const std::string last = log_in("m2");
    log_in(std::string(kMaxLoginField + 1, 'x'));
    const auto written = write_logins(sessions, now);
    CHECK(written.children().size() == kMaxLogins - 1);
    CHECK(written.to_xml().find(last) != std::string::npos);
    CHECK(written.to_xml().size() < StateFolder::kMaxFileBytes);
}

TEST_CASE("a list of logins that is none is passed over") {
    AuthSessions sessions{guarded_domain()};
    for (const char* text :
         {"<logins xmlns='urn:jmeet:focus-logins:2'><session id='a' used='9999999999'/></logins>",
          "<logins xmlns='urn:jmeet:focus-logins:1'><session/><session id='a'/><other/>"
          "<session id='b' used='-9223372036854775808'/></logins>"}) {
        read_logins(*xmpp::parse_element(text), sessions, {});
    }
    CHECK(sessions.size() == 0);
    read_logins(*xmpp::parse_element("<logins xmlns='urn:jmeet:focus-logins:1'>"
                                     "<session id='a' used='9223372036854775807'/></logins>"),
                sessions, {});
    CHECK(sessions.size() == 1);
}

}  // namespace
}  // namespace jmeet::focus
