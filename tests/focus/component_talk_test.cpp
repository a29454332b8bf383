// The focus as a component of the server (XEP-0114): clients speak to focus.<domain> as themselves,
// rooms and bridges to the account beside it.
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

FocusConfig component_config(const AuthConfig& auth = {}) {
    FocusConfig config = talk_config();
    config.xmpp.client_proxy.clear();
    config.xmpp.component_secret = "secret";
    config.xmpp.component_domain = "focus.meet.test";
    config.auth = auth;
    return config;
}

struct AsComponent : Talk {
    explicit AsComponent(const AuthConfig& auth = {}) : Talk(component_config(auth)) {
        component->sent.clear();  // its presence
    }

    // What the server hands to the component, with the client's own address.
    void ask(const std::string& id, const std::string& from, const std::string& payload,
             const std::string& type = "set") {
        const auto iq = xmpp::parse_element(
            fmt::format("<iq type='{}' id='{}' from='{}' to='focus.meet.test'>{}</iq>", type, id,
                        from, payload),
            "jabber:client");
        REQUIRE(iq.has_value());
        component->on_stanza().emit(*iq);
        run();
    }
    void request(const std::string& id, const std::string& from,
                 const std::string& session = {}) {
        ask(id, from,
            fmt::format("<conference xmlns='http://jitsi.org/protocol/focus' room='{}' "
                        "machine-uid='m1' session-id='{}'/>",
                        kRoom, session));
    }
    // On the component's stream, and nowhere else.
    xmpp::Element answered(const std::string& id) {
        for (auto at = component->sent.begin(); at != component->sent.end(); ++at) {
            if (!answer_to(id)(*at)) continue;
            const xmpp::Element found = *at;
            component->sent.erase(at);
            return found;
        }
        FAIL("no answer to " << id);
        return {};
    }
};

constexpr char kClient[] = "aaaa-1@meet.test/web";

TEST_CASE_FIXTURE(AsComponent, "a call of two whose clients ask the component") {
    bridge_appears("jvb1");
    request("q1", kClient);
    let_room_in();
    const auto said = answered("q1");
    CHECK(said.get("type") == "result");
    CHECK(said.get("to") == kClient);
    CHECK(said.child("conference")->get("ready") == "true");
    // The client trusts the account that it sees in the room, not the component's address.
    CHECK(said.child("conference")->get("focusjid") == "focus@auth.meet.test");
    expect_none("an answer on the account's stream", answer_to("q1"));

    client_joins("aaaa");
    request("q2", "bbbb-1@meet.test/web");
    CHECK(answered("q2").child("conference")->get("ready") == "true");
    client_joins("bbbb");
    allocate("aaaa");
    allocate("bbbb");
    accept("aaaa", 1001);
    accept("bbbb", 2001);
    // Rooms and bridges never meet the component.
    CHECK(component->sent.empty());
}

TEST_CASE_FIXTURE(AsComponent, "who asks while the room is being joined asks again") {
    request("q1", kClient);
    request("q2", "bbbb-1@meet.test/web");
    CHECK(answered("q2").child("conference")->get("ready") == "false");
    let_room_in();
    CHECK(answered("q1").child("conference")->get("ready") == "true");
}

TEST_CASE_FIXTURE(AsComponent, "requests that make no sense are answered there too") {
    ask("q1", kClient, "<conference xmlns='http://jitsi.org/protocol/focus'/>");
    CHECK(condition_of(answered("q1")) == "bad-request");
    ask("q2", kClient, "<query xmlns='jabber:iq:last'/>", "get");
    CHECK(answered("q2").get("type") == "error");
    ask("q3", kClient, "<query xmlns='http://jabber.org/protocol/disco#info'/>", "get");
    CHECK(answered("q3").get("type") == "result");
    // A resource that looks like a proxied address is only a resource.
    ask("q4", "focus.meet.test/x@meet.test/y",
        fmt::format("<conference xmlns='http://jitsi.org/protocol/focus' room='{}'/>", kRoom));
    let_room_in();
    CHECK(answered("q4").get("to") == "focus.meet.test/x@meet.test/y");
}

TEST_CASE_FIXTURE(AsComponent, "the component's stream is lost and comes back: the call goes on") {
    bridge_appears("jvb1");
    request("q1", kClient);
    let_room_in();
    answered("q1");
    client_joins("aaaa");
    client_joins("bbbb");
    allocate("aaaa");
    allocate("bbbb");
    component->change(xmpp::ConnectionState::disconnected);
    run_for(milliseconds(100));
    accept("aaaa", 1001);
    component->change(xmpp::ConnectionState::connected);
    accept("bbbb", 2001);
    request("q2", "cccc-1@meet.test/web");
    CHECK(answered("q2").child("conference")->get("ready") == "true");
}

TEST_CASE("a secure domain behind the component: sessions go by the client's own address") {
    AuthConfig auth;
    auth.type = AuthConfig::Type::xmpp;
    auth.domain = "meet.test";
    AsComponent talk(auth);
    talk.request("q1", "g1@guest.meet.test/web");
    CHECK(condition_of(talk.answered("q1")) == "not-authorized");
    talk.request("q2", "ann@meet.test/login");
    talk.let_room_in();
    const std::string session = talk.answered("q2").child("conference")->get("session-id");
    REQUIRE(!session.empty());
    talk.request("q3", "g1@guest.meet.test/web", session);
    CHECK(talk.answered("q3").child("conference")->get("identity") == "ann@meet.test");
    talk.ask("q4", "g1@guest.meet.test/web",
             "<logout xmlns='http://jitsi.org/protocol/focus' session-id='" + session + "'/>");
    CHECK(talk.answered("q4").get("type") == "result");
    talk.request("q5", "g1@guest.meet.test/web", session);
    CHECK(talk.answered("q5").child("error")->child("session-invalid") != nullptr);
}

}  // namespace
}  // namespace jmeet::focus
