// Conversations with a real Prosody: login, component, rooms, requests, restarts, refusals.
#include <doctest/doctest.h>

#include "tests/xmpp/private_prosody.hpp"
#include "tests/xmpp/run_coroutine.hpp"
#include "xmpp/client.hpp"
#include "xmpp/namespaces.hpp"

using namespace jmeet;
using namespace jmeet::xmpp;
using jmeet::test::eventually;
using jmeet::test::PrivateProsody;
using jmeet::test::run_coroutine;

namespace {

const log::Logger kLog(log::Program::focus, "Test");

ClientConfig client_config(const PrivateProsody& prosody, const std::string& user,
                           const std::string& resource = {}) {
    ClientConfig config;
    config.connection.name = user;
    config.connection.jid = Jid(user, prosody.auth_domain(), resource);
    config.connection.password = user + "-secret";
    config.connection.host = "127.0.0.1";
    config.connection.port = prosody.port();
    config.connection.verify_certificate = false;
    config.connection.user_option = "JVB_AUTH_USER";
    config.connection.password_option = "JVB_AUTH_PASSWORD";
    config.caps_node = "http://jitsi.org/jicofo";
    config.own.features.insert("https://jitsi.org/meet/jicofo/terminate-restart");
    config.software_name = "jmeet";
    config.software_version = "1";
    return config;
}

ClientConfig component_config(const PrivateProsody& prosody) {
    ClientConfig config;
    config.connection.kind = ConnectionConfig::Kind::component;
    config.connection.name = "component";
    config.connection.jid = Jid("", prosody.focus_domain());
    config.connection.password = prosody.component_secret();
    config.connection.host = "127.0.0.1";
    config.connection.port = prosody.component_port();
    return config;
}

struct Seen : MucEvents {
    std::vector<std::string> lines;
    std::vector<Element> messages;
    void on_occupant_joined(const Occupant& o) override { lines.push_back("joined " + o.nick); }
    void on_occupant_left(const Occupant& o, MucDeparture d, const MucPresence& p) override {
        lines.push_back("left " + o.nick + (d == MucDeparture::kicked ? " kicked" : "") +
                        (p.text.empty() ? "" : " (" + p.text + ")"));
    }
    void on_presence_changed(const Occupant& o, const Occupant&) override {
        lines.push_back("changed " + o.nick);
    }
    void on_role_changed(const Occupant& o, const Occupant&) override {
        lines.push_back("role " + o.nick + " " + std::string(to_string(o.affiliation)));
    }
    void on_room_message(const Element& m) override { messages.push_back(m); }
    void on_room_left(MucRoomEnd e, const std::string&) override {
        lines.push_back(e == MucRoomEnd::kicked ? "out kicked" : "out");
    }
    void on_room_rejoined() override { lines.push_back("rejoined"); }
    bool has(const std::string& line) const {
        return std::find(lines.begin(), lines.end(), line) != lines.end();
    }
};

Element text_element(const std::string& name, const std::string& ns, const std::string& text) {
    Element e(name, ns);
    e.set_text(text);
    return e;
}

template <class R>
bool ok(const R& result) {
    return result.has_value();
}

awaitable<Element> answer_later(Element iq) {
    co_await sleep_for(std::chrono::milliseconds(20));
    Element payload = iq.children().front();
    payload.set("answered", "yes");
    co_return make_result(iq, payload);
}

}  // namespace

TEST_CASE("a client and a component log in and ask each other") {
    PrivateProsody prosody;
    asio::io_context io;
    Client client(io, client_config(prosody, "focus", "focus"), kLog);
    Client component(io, component_config(prosody), kLog);
    component.iq().handle(IqType::set, "conference", ns::kFocus,
                          [](Element iq) { return answer_later(std::move(iq)); });
    client.iq().handle(IqType::get, "ask", "urn:test",
                       [](Element iq) { return answer_later(std::move(iq)); });
    client.start();
    component.start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return client.connected() && component.connected(); }));
        INFO(client.stream().last_error(), " / ", component.stream().last_error());
        REQUIRE(client.connected());
        REQUIRE(component.connected());
        CHECK(client.jid().to_string() == "focus@auth.meet.test/focus");

        const auto there = co_await client.iq().request(
            make_iq("set", "focus.meet.test", Element("conference", ns::kFocus)));
        REQUIRE(ok(there));
        CHECK(there->get("from") == "focus.meet.test");
        REQUIRE(there->child("conference", ns::kFocus));
        CHECK(there->child("conference", ns::kFocus)->get("answered") == "yes");

        Element back = make_iq("get", client.jid().to_string(), Element("ask", "urn:test"));
        back.set("from", "focus.meet.test");
        const auto here = co_await component.iq().request(back);
        REQUIRE(ok(here));
        CHECK(here->child("ask", "urn:test")->get("answered") == "yes");

        // Nobody handles this one: the exact error.
        const auto unknown = co_await client.iq().request(
            make_iq("get", "focus.meet.test", Element("nothing", "urn:test")));
        REQUIRE(!unknown);
        CHECK(unknown.error().type == "cancel");
        CHECK(unknown.error().condition == "service-unavailable");

        const auto info = co_await client.caps().request_info(Jid("", "focus.meet.test"));
        REQUIRE(ok(info));
        CHECK(info->has(ns::kPing));
        const auto version = co_await client.iq().request(
            make_iq("get", client.jid().to_string(), Element("query", ns::kVersion)));
        REQUIRE(ok(version));
        CHECK(version->child("query")->child_text("name") == "jmeet");
        CHECK(co_await request_ping(client.iq(), Jid("", "meet.test")));
        co_await component.stop();
        co_await client.stop();
        CHECK(client.stream().state() == ConnectionState::stopped);
    }());
}

TEST_CASE("two in a room: configuration, presence, roles, kick, leave") {
    PrivateProsody prosody;
    asio::io_context io;
    Client focus(io, client_config(prosody, "focus", "focus"), kLog);
    Client guest(io, client_config(prosody, "guest"), kLog);
    Seen at_focus;
    Seen at_guest;
    const Jid room("standup", prosody.muc_domain());
    MucRoom focus_room(focus.rooms(), room, "focus", at_focus);
    MucRoom guest_room(guest.rooms(), room, "1a2b3c4d", at_guest);
    focus.start();
    guest.start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return focus.connected() && guest.connected(); }));
        MucJoinOptions options;
        options.public_jids = MucPublicJids::always;
        options.hold_events = true;
        const auto joined = co_await focus_room.join(options);
        INFO((joined ? "" : joined.error().what));
        REQUIRE(ok(joined));
        CHECK(joined->created);
        REQUIRE(joined->form);
        CHECK(joined->form->form_type() == "http://jabber.org/protocol/muc#roomconfig");
        CHECK(focus_room.self().affiliation == MucAffiliation::owner);

        guest_room.set_extension(text_element("stats-id", ns::kClient, "Guest-x7Q"));
        REQUIRE(ok(co_await guest_room.join()));
        CHECK(guest_room.find("focus") != nullptr);
        co_await sleep_for(std::chrono::milliseconds(100));
        CHECK(at_focus.lines.empty());  // held until released
        focus_room.release_events();
        REQUIRE(at_focus.has("joined 1a2b3c4d"));
        const Occupant* seen = focus_room.find("1a2b3c4d");
        REQUIRE(seen);
        CHECK(seen->real_jid == guest.jid());
        REQUIRE(seen->extension("stats-id"));
        CHECK(seen->extension("stats-id")->text() == "Guest-x7Q");

        const auto caps = parse_caps(Element("presence", ns::kClient).with(guest.disco().caps()));
        const auto info = co_await focus.caps().info_of(seen->jid, caps);
        REQUIRE(ok(info));
        CHECK(info->has("https://jitsi.org/meet/jicofo/terminate-restart"));
        CHECK(focus.caps().size() == 1);

        CHECK(!guest_room.publish());  // nothing has changed
        guest_room.set_extension(text_element("stats-id", ns::kClient, "other"));
        CHECK(guest_room.publish());
        CHECK(co_await eventually([&] { return at_focus.has("changed 1a2b3c4d"); }));
        CHECK(focus_room.find("1a2b3c4d")->extension("stats-id")->text() == "other");

        REQUIRE(ok(co_await focus_room.request_affiliation(guest.jid(), MucAffiliation::owner)));
        CHECK(co_await eventually([&] { return guest_room.self().affiliation ==
                                               MucAffiliation::owner; }));
        CHECK(focus_room.send_groupchat("hello"));
        CHECK(co_await eventually([&] {
            return !at_guest.messages.empty() &&
                   at_guest.messages.back().child_text("body") == "hello";
        }));

        guest_room.leave("switch_room");
        CHECK(co_await eventually([&] { return at_focus.has("left 1a2b3c4d (switch_room)"); }));
        REQUIRE(ok(co_await guest_room.join()));
        // An owner cannot be kicked by another; a participant can.
        REQUIRE(ok(co_await focus_room.request_affiliation(guest.jid(), MucAffiliation::none)));
        REQUIRE(ok(co_await focus_room.kick("1a2b3c4d", "go")));
        CHECK(co_await eventually([&] { return at_guest.has("out kicked"); }));
        CHECK(at_focus.has("left 1a2b3c4d kicked"));
        CHECK(!guest_room.joined());
        co_await focus.stop();
        co_await guest.stop();
    }());
}

TEST_CASE("a nick in use, a room that may not be created, a service that is not there") {
    PrivateProsody prosody;
    asio::io_context io;
    Client focus(io, client_config(prosody, "focus"), kLog);
    Client jvb(io, client_config(prosody, "guest"), kLog);
    Seen seen;
    Seen other;
    MucRoom first(focus.rooms(), Jid("r", prosody.muc_domain()), "nick", seen);
    MucRoom second(jvb.rooms(), Jid("r", prosody.muc_domain()), "nick", other);
    MucRoom forbidden(jvb.rooms(), Jid("new", prosody.muc_domain()), "nick", other);
    MucRoom nowhere(jvb.rooms(), Jid("r", "conference.elsewhere.test"), "nick", other);
    focus.start();
    jvb.start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return focus.connected() && jvb.connected(); }));
        REQUIRE(ok(co_await first.join()));
        const auto taken = co_await second.join();
        REQUIRE(!taken);
        CHECK(taken.error().what ==
              "cannot enter the room r@conference.meet.test as \"nick\": another account has this "
              "nick there: choose another nick");
        CHECK(!second.joined());
        const auto denied = co_await forbidden.join();
        REQUIRE(!denied);
        CHECK(denied.error().what ==
              "cannot enter the room new@conference.meet.test as \"nick\": not-allowed: the room "
              "does not exist and guest@auth.meet.test may not create it: add it to the XMPP "
              "server's admins");
        const auto missing = co_await nowhere.join();
        REQUIRE(!missing);
        CHECK(missing.error().what.starts_with(
            "cannot enter the room r@conference.elsewhere.test as \"nick\": "));
        co_await focus.stop();
        co_await jvb.stop();
    }());
}

TEST_CASE("Prosody is killed and started again: both come back, and into the room") {
    PrivateProsody prosody;
    asio::io_context io;
    Client client(io, client_config(prosody, "jvb"), kLog);
    Client component(io, component_config(prosody), kLog);
    Seen seen;
    MucRoom room(client.rooms(), Jid("jvbbrewery", prosody.internal_muc_domain()), "jvb1", seen);
    client.start();
    component.start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return client.connected() && component.connected(); }));
        MucJoinOptions options;
        options.rejoin = MucRejoin::automatic;
        options.public_jids = MucPublicJids::when_created;
        REQUIRE(ok(co_await room.join(options)));
        std::vector<std::string> reasons;
        const auto listening = client.stream().on_state().add([&](const ConnectionEvent& e) {
            if (e.state == ConnectionState::disconnected) reasons.push_back(e.reason);
        });
        prosody.kill();
        CHECK(co_await eventually([&] { return !client.connected() && !component.connected(); }));
        co_await sleep_for(std::chrono::milliseconds(1500));
        prosody.start();
        CHECK(co_await eventually([&] { return client.connected() && component.connected(); }));
        CHECK(co_await eventually([&] { return seen.has("rejoined"); }));
        CHECK(room.joined());
        CHECK(seen.has("out"));
        REQUIRE(reasons.size() >= 2);
        CHECK(reasons[0].starts_with("connection to the XMPP server at 127.0.0.1:"));
        CHECK(reasons[1] == "cannot connect to the XMPP server at 127.0.0.1:" +
                                std::to_string(prosody.port()) +
                                ": Connection refused: is the XMPP server running there, and is "
                                "its port published? check host");
        // Polite end of the server, and back again.
        prosody.stop();
        CHECK(co_await eventually([&] { return !client.connected(); }));
        prosody.start();
        CHECK(co_await eventually([&] { return client.connected() && room.joined(); }));
        co_await room.stop();
        co_await client.stop();
        co_await component.stop();
    }());
}

TEST_CASE("a broken TCP connection is resumed: nothing is lost, nobody notices") {
    PrivateProsody prosody;
    asio::io_context io;
    Client focus(io, client_config(prosody, "focus"), kLog);
    Client jvb(io, client_config(prosody, "jvb"), kLog);
    Seen at_focus;
    Seen at_jvb;
    const Jid jid("jvbbrewery", prosody.internal_muc_domain());
    MucRoom focus_room(focus.rooms(), jid, "focus", at_focus);
    MucRoom jvb_room(jvb.rooms(), jid, "jvb1", at_jvb);
    focus.start();
    jvb.start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return focus.connected() && jvb.connected(); }));
        REQUIRE(ok(co_await focus_room.join()));
        REQUIRE(ok(co_await jvb_room.join()));
        CHECK(co_await eventually([&] { return at_focus.has("joined jvb1"); }));
        bool resumed = false;
        const auto listening = jvb.stream().on_state().add([&](const ConnectionEvent& e) {
            if (e.state != ConnectionState::connected) return;
            resumed = e.resumed;
            CHECK(e.management.available);
            CHECK(e.management.enabled);
            CHECK(e.management.resumable);
        });
        jvb.stream().reconnect("the test pulls the cable");
        CHECK(co_await eventually([&] { return !jvb.connected(); }));
        CHECK(jvb.stream().may_resume());
        // Said while away: waits for the stream to come back.
        jvb_room.set_extension(text_element("late", "urn:test", "1"));
        CHECK(jvb_room.publish());
        CHECK(co_await eventually([&] { return jvb.connected(); }));
        CHECK(resumed);
        CHECK(co_await eventually([&] {
            const Occupant* o = focus_room.find("jvb1");
            return o && o->extension("late");
        }));
        CHECK(!at_focus.has("left jvb1"));
        CHECK(at_jvb.lines.size() == 1);  // "joined focus"
        co_await focus.stop();
        co_await jvb.stop();
    }());
}

TEST_CASE("refusals are one sentence each") {
    PrivateProsody prosody;
    asio::io_context io;
    const auto failure_of = [&](ConnectionConfig config) -> awaitable<std::string> {
        Connection connection(io, std::move(config), kLog);
        connection.start();
        co_await eventually([&] { return !connection.last_error().empty(); });
        const std::string sentence = connection.last_error();
        co_await connection.stop();
        co_return sentence;
    };
    const auto base = client_config(prosody, "jvb").connection;
    const std::string where = "127.0.0.1:" + std::to_string(prosody.port());
    run_coroutine(io, [&]() -> awaitable<void> {
        auto config = base;
        config.password = "wrong";
        CHECK(co_await failure_of(config) ==
              "SASLError using SCRAM-SHA-1: not-authorized: check JVB_AUTH_USER / "
              "JVB_AUTH_PASSWORD: the account exists, with another password");
        config = base;
        config.jid = Jid("nobody", prosody.auth_domain());
        CHECK(co_await failure_of(config) ==
              "SASLError using SCRAM-SHA-1: not-authorized: check JVB_AUTH_USER / "
              "JVB_AUTH_PASSWORD: the server has no account nobody@auth.meet.test");
        config = base;
        config.verify_certificate = true;
        CHECK(co_await failure_of(config) ==
              "the certificate of the XMPP server at " + where + " for \"auth.meet.test\" is not "
              "trusted (self-signed certificate): install its issuer on this machine, or switch "
              "verification off with verify-certificate");
        config = base;
        config.jid = Jid("jvb", "auth.other.test");
        CHECK(co_await failure_of(config) ==
              "the XMPP server at " + where + " does not serve the domain \"auth.other.test\": "
              "check domain and host");
        config = base;
        config.tls = TlsPolicy::disabled;
        CHECK(co_await failure_of(config) ==
              "the XMPP server at " + where + " offers no login method that fits: without TLS it "
              "may offer none, check tls");
        config = base;
        config.host = "no-such-host.invalid";
        const auto unknown = co_await failure_of(config);
        CHECK(unknown.starts_with(
            "no address found for the XMPP server \"no-such-host.invalid\" ("));
        CHECK(unknown.ends_with("): check host and DNS"));

        auto component = component_config(prosody).connection;
        component.password = "wrong";
        component.password_option = "XMPP_COMPONENT_SECRET";
        CHECK(co_await failure_of(component) ==
              "component handshake of focus.meet.test refused: not-authorized: check "
              "XMPP_COMPONENT_SECRET against component_secret of the XMPP server");
        component.jid = Jid("", "other.meet.test");
        CHECK(co_await failure_of(component) ==
              "the XMPP server at 127.0.0.1:" + std::to_string(prosody.component_port()) +
              " has no component \"other.meet.test\": add Component \"other.meet.test\" with a "
              "component_secret to its configuration");
    }());
}
