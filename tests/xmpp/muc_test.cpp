#include "xmpp/muc.hpp"

#include <doctest/doctest.h>

#include "tests/xmpp/fake_stream.hpp"
#include "tests/xmpp/run_coroutine.hpp"
#include "xmpp/namespaces.hpp"

using namespace jmeet;
using namespace jmeet::xmpp;
using jmeet::test::FakeStream;

namespace {

struct Log : MucEvents {
    std::vector<std::string> lines;
    void on_occupant_joined(const Occupant& o) override { lines.push_back("+" + o.nick); }
    void on_occupant_left(const Occupant& o, MucDeparture d, const MucPresence&) override {
        lines.push_back("-" + o.nick + " " + std::to_string(static_cast<int>(d)));
    }
    void on_presence_changed(const Occupant& o, const Occupant&) override {
        lines.push_back("~" + o.nick);
    }
    void on_role_changed(const Occupant& o, const Occupant& was) override {
        lines.push_back("role " + o.nick + " " + std::string(to_string(was.affiliation)) + ">" +
                        std::string(to_string(o.affiliation)));
    }
    void on_self_changed(const Occupant& o, const Occupant&) override {
        lines.push_back("self " + std::string(to_string(o.affiliation)));
    }
    void on_room_message(const Element& m) override { lines.push_back("msg " + m.child_text("body")); }
    void on_room_left(MucRoomEnd e, const std::string&) override {
        lines.push_back("out " + std::to_string(static_cast<int>(e)));
    }
    void on_room_rejoined() override { lines.push_back("back"); }
    std::vector<std::string> take() { return std::exchange(lines, {}); }
};

using Lines = std::vector<std::string>;

struct Fixture {
    asio::io_context io;
    FakeStream stream{io, Jid("focus", "auth.meet.test", "focus")};
    IqRouter iq{stream};
    DiscoResponder disco{iq, {}, "http://jitsi.org/jicofo"};
    MucRooms rooms{stream, iq, disco};
    Log log;
    MucRoom room{rooms, Jid("Standup", "conference.meet.test"), "focus", log};
    std::optional<Result<MucJoined>> joined;

    Fixture() { stream.log_in(); }

    static awaitable<void> enter(Fixture* f, MucJoinOptions options) {
        f->joined = co_await f->room.join(options);
    }
    void start(const MucJoinOptions& options) {
        joined.reset();
        asio::co_spawn(io, enter(this, options), asio::detached);
        turn();
    }
    void turn() {
        io.restart();
        while (io.poll() > 0) {
        }
    }
    void presence(const std::string& nick, const std::string& inside, const std::string& type = {},
                  const std::string& more = {}) {
        stream.receive("<presence from='standup@conference.meet.test/" + nick + "'" +
                       (type.empty() ? "" : " type='" + type + "'") + ">" + more +
                       "<x xmlns='http://jabber.org/protocol/muc#user'>" + inside +
                       "</x></presence>");
        turn();
    }
    void self(const std::string& codes = "<status code='110'/>",
              const std::string& affiliation = "owner") {
        presence("focus", "<item affiliation='" + affiliation + "' role='moderator'/>" + codes);
    }
    void other(const std::string& nick, const std::string& more = {}) {
        presence(nick, "<item affiliation='none' role='participant' jid='" + nick +
                           "@meet.test/web'/>", {}, more);
    }
    void enter_now() {
        start({});
        self();
        REQUIRE(joined);
        REQUIRE(joined->has_value());
        stream.take_sent();
        log.take();
    }
    void answer(const Element& request, const std::string& payload = {}) {
        stream.receive("<iq type='result' from='" + request.get("to") + "' id='" +
                       request.get("id") + "'>" + payload + "</iq>");
        turn();
    }
};

constexpr char kForm[] =
    "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='form'>"
    "<field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value>"
    "</field><field var='muc#roominfo_meetingId'><value>abc</value></field>"
    "<field var='muc#roominfo_isbreakout'><value>1</value></field>"
    "<field type='fixed'><value>no var</value></field></x></query>";

}  // namespace

TEST_CASE("entering: presence, self-presence, owner form, one field submitted, then the others") {
    Fixture f;
    Element etherpad("etherpad", "http://jitsi.org/jitmeet/etherpad");
    etherpad.set_text("standup");
    f.room.set_extension(etherpad);
    MucJoinOptions options;
    options.public_jids = MucPublicJids::always;
    f.start(options);
    auto sent = f.stream.take_sent();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].get("to") == "standup@conference.meet.test/focus");
    CHECK(sent[0].child("x", ns::kMuc));
    CHECK(sent[0].child("c", ns::kCaps));
    CHECK(sent[0].child_text("etherpad") == "standup");

    f.other("1a2b3c4d");
    f.self("<status code='201'/><status code='110'/>");
    CHECK(f.log.lines.empty());
    sent = f.stream.take_sent();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].get("type") == "get");
    CHECK(sent[0].get("to") == "standup@conference.meet.test");
    f.answer(sent[0], kForm);
    sent = f.stream.take_sent();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].children().front().to_xml() ==
          "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' "
          "type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig"
          "</value></field><field var='muc#roomconfig_whois'><value>anyone</value></field></x>"
          "</query>");
    f.presence("1a2b3c4d", "", "unavailable");
    f.other("2b3c4d5e");
    CHECK(!f.joined);
    f.answer(sent[0]);
    REQUIRE(f.joined);
    REQUIRE(f.joined->has_value());
    CHECK((*f.joined)->created);
    CHECK((*f.joined)->form->value("muc#roominfo_meetingId") == "abc");
    CHECK((*f.joined)->form->flag("muc#roominfo_isbreakout"));
    CHECK(!(*f.joined)->form->has("muc#roominfo_other"));
    CHECK(f.log.take() == Lines{"+1a2b3c4d", "-1a2b3c4d 0", "+2b3c4d5e"});
}

TEST_CASE("occupants: presence changes, roles, departures") {
    Fixture f;
    f.enter_now();
    f.other("a", "<stats-id>x</stats-id>");
    f.other("a", "<stats-id>x</stats-id>");
    CHECK(f.log.take() == Lines{"+a"});
    CHECK(f.room.find("a")->extension("stats-id", ns::kClient)->text() == "x");
    CHECK(f.room.find("a")->real_jid->to_string() == "a@meet.test/web");
    f.other("a", "<stats-id>y</stats-id>");
    CHECK(f.log.take() == Lines{"~a"});
    f.presence("a", "<item affiliation='owner' role='moderator'/>");
    CHECK(f.log.take() == Lines{"~a", "role a none>owner"});
    f.other("b");
    f.other("c");
    f.other("d");
    f.log.take();
    f.presence("a", "<item/><status code='307'/>", "unavailable");
    f.presence("b", "<item/><status code='307'/><status code='333'/>", "unavailable");
    f.presence("c", "<item/><status code='301'/>", "unavailable");
    f.presence("d", "<item/>", "unavailable");
    f.presence("nobody", "<item/>", "unavailable");
    CHECK(f.log.take() == Lines{"-a 1", "-b 3", "-c 2", "-d 0"});
    CHECK(f.room.occupants().empty());
    f.self("<status code='110'/>", "member");
    CHECK(f.log.take() == Lines{"self member"});
    f.stream.receive("<message from='standup@conference.meet.test/x' type='groupchat'>"
                     "<body>hi</body></message>");
    f.stream.receive("<message from='standup@conference.meet.test/x' type='error'/>");
    f.stream.receive("<message from='other@conference.meet.test/x'><body>no</body></message>");
    CHECK(f.log.take() == Lines{"msg hi"});
}

TEST_CASE("presence is sent when something changed, whole, and without the joining element") {
    Fixture f;
    f.enter_now();
    CHECK(!f.room.publish());
    f.room.set_extension(Element("one", "urn:a"));
    f.room.set_extension(Element("two", "urn:b"));
    CHECK(f.room.publish());
    f.room.set_extension(Element("two", "urn:b"));
    CHECK(!f.room.publish());
    Element two("two", "urn:b");
    two.set_text("2");
    f.room.set_extension(two);
    CHECK(f.room.publish());
    f.room.remove_extension("one", "urn:a");
    f.room.remove_extension("one", "urn:a");
    CHECK(f.room.publish());
    const auto sent = f.stream.take_sent();
    REQUIRE(sent.size() == 3);
    CHECK(sent[0].children().size() == 3);
    CHECK(!sent[0].child("x"));
    CHECK(sent[1].child_text("two") == "2");
    CHECK(!sent[2].child("one"));
}

TEST_CASE("refusals are sentences") {
    Fixture f;
    f.start({});
    f.stream.receive("<presence type='error' from='standup@conference.meet.test/focus'><error "
                     "type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                     "</presence>");
    f.turn();
    REQUIRE(f.joined);
    REQUIRE(!f.joined->has_value());
    CHECK(f.joined->error().what ==
          "cannot enter the room standup@conference.meet.test as \"focus\": another account has "
          "this nick there: choose another nick");
    CHECK(!f.room.joined());

    MucJoinOptions options;
    options.deadline = std::chrono::milliseconds(10);
    f.start(options);
    f.io.restart();
    f.io.run_for(std::chrono::milliseconds(100));
    REQUIRE(f.joined);
    CHECK(f.joined->error().what ==
          "cannot enter the room standup@conference.meet.test as \"focus\": no answer: the server "
          "has no room service conference.meet.test, or it lets only other login domains in "
          "(muc_filter_access)");
    CHECK(f.stream.sent.back().get("type") == "unavailable");

    f.stream.lose("cut");
    f.start({});
    REQUIRE(f.joined);
    CHECK(!f.joined->has_value());
}

TEST_CASE("put out of the room: occupants are gone, the end has its reason") {
    Fixture f;
    f.enter_now();
    f.other("a");
    f.log.take();
    f.presence("focus", "<item/><status code='110'/><status code='307'/>", "unavailable");
    CHECK(f.log.take() == Lines{"-a 6", "out 0"});
    CHECK(!f.room.joined());
    CHECK(!f.room.publish());
}

TEST_CASE("the room is destroyed") {
    Fixture f;
    f.enter_now();
    f.other("a");
    f.log.take();
    f.presence("focus", "<item/><destroy><reason>over</reason></destroy><status code='110'/>",
               "unavailable");
    CHECK(f.log.take() == Lines{"-a 5", "out 4"});
}

TEST_CASE("a resumed stream changes nothing; a new session means entering again") {
    Fixture f;
    MucJoinOptions options;
    options.rejoin = MucRejoin::automatic;
    f.start(options);
    f.self();
    f.other("a");
    f.log.take();
    f.stream.lose("cut", true);
    f.stream.log_in(true);
    f.turn();
    CHECK(f.log.take().empty());
    CHECK(f.room.joined());

    f.stream.take_sent();
    f.stream.lose("cut", false);
    CHECK(f.log.take() == Lines{"-a 6", "out 5"});
    f.stream.log_in(false);
    f.turn();
    const auto sent = f.stream.take_sent();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].child("x", ns::kMuc));
    f.other("b");
    f.self();
    CHECK(f.log.take() == Lines{"+b", "back"});
    CHECK(f.room.joined());
    jmeet::test::run_coroutine(f.io, f.room.stop());
}

TEST_CASE("a room that has forgotten us is entered again after a pause") {
    Fixture f;
    MucJoinOptions options;
    options.rejoin = MucRejoin::automatic;
    f.start(options);
    f.self();
    f.stream.take_sent();
    f.room.set_extension(Element("one", "urn:a"));
    f.room.publish();
    f.stream.receive("<presence type='error' from='standup@conference.meet.test/focus'><error "
                     "type='cancel'><item-not-found "
                     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
    f.turn();
    CHECK(f.log.take() == Lines{"out 6"});
    f.io.restart();
    f.io.run_for(std::chrono::milliseconds(1100));
    REQUIRE(!f.stream.sent.empty());
    CHECK(f.stream.sent.back().child("x", ns::kMuc));
    CHECK(f.stream.sent.back().child("one", "urn:a"));
    f.self();
    CHECK(f.log.take() == Lines{"back"});
    jmeet::test::run_coroutine(f.io, f.room.stop());
}

TEST_CASE("asked before the connection exists, the room is entered when it does") {
    Fixture f;
    f.stream.lose("no server yet");
    MucJoinOptions options;
    options.rejoin = MucRejoin::automatic;
    f.start(options);
    REQUIRE(f.joined);
    CHECK(!f.joined->has_value());
    f.stream.log_in(false);
    f.turn();
    REQUIRE(f.stream.sent.size() == 1);
    // Left and asked again meanwhile: the old attempt is dead, the new one counts.
    f.room.leave();
    f.turn();
    f.stream.take_sent();
    f.start(options);
    CHECK(f.stream.take_sent().size() == 1);
    f.self();
    REQUIRE(f.joined);
    CHECK(f.joined->has_value());
    CHECK(f.log.take().empty());
    CHECK(f.room.joined());
    jmeet::test::run_coroutine(f.io, f.room.stop());
}

TEST_CASE("leaving sends the unavailable presence and then nothing is heard") {
    Fixture f;
    f.enter_now();
    f.other("a");
    f.log.take();
    f.room.leave("bye");
    auto sent = f.stream.take_sent();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].get("type") == "unavailable");
    CHECK(sent[0].child_text("status") == "bye");
    f.presence("a", "<item/>", "unavailable");
    f.presence("focus", "<item/><status code='110'/>", "unavailable");
    CHECK(f.log.take().empty());
    f.enter_now();
    CHECK(f.room.joined());
}

TEST_CASE("asking for roles and affiliations") {
    Fixture f;
    f.enter_now();
    asio::co_spawn(f.io, f.room.kick("a", "go"), asio::detached);
    asio::co_spawn(f.io,
                   f.room.request_affiliation(Jid("a", "meet.test", "web"), MucAffiliation::owner),
                   asio::detached);
    f.turn();
    const auto sent = f.stream.take_sent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].children().front().to_xml() ==
          "<query xmlns='http://jabber.org/protocol/muc#admin'><item nick='a' role='none'>"
          "<reason>go</reason></item></query>");
    CHECK(sent[1].children().front().to_xml() ==
          "<query xmlns='http://jabber.org/protocol/muc#admin'><item jid='a@meet.test' "
          "affiliation='owner'/></query>");
    CHECK(sent[1].get("to") == "standup@conference.meet.test");
}

TEST_CASE("odd presences of a room are passed over") {
    CHECK(!parse_muc_presence(parse_element("<presence/>", ns::kClient).value()));
    CHECK(!parse_muc_presence(
        parse_element("<presence from='room@muc.test'/>", ns::kClient).value()));
    CHECK(!parse_muc_presence(
        parse_element("<presence from='room@muc.test/a' type='error'/>", ns::kClient).value()));
    const auto odd = parse_muc_presence(
        parse_element("<presence from='room@muc.test/a'><x "
                      "xmlns='http://jabber.org/protocol/muc#user'><item role='king' "
                      "affiliation='god' jid='@'/><status code='x'/><status code='99999'/></x>"
                      "</presence>", ns::kClient).value());
    REQUIRE(odd.has_value());
    CHECK(odd->occupant.role == MucRole::none);
    CHECK(odd->occupant.affiliation == MucAffiliation::none);
    CHECK(!odd->occupant.real_jid);
    CHECK(odd->status.empty());
}
