#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

TEST_CASE("without a bridge the room is told, and the call begins when one comes") {
    Talk talk;
    talk.open_room();
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    talk.expect("presence that says so", says_no_bridge);
    talk.expect_none("an offer", Talk::jingle(occupant("aaaa"), "session-initiate"));
    talk.bridge_appears("jvb1");
    talk.allocate("aaaa");
    talk.allocate("bbbb");
    talk.accept("aaaa", 1);
    talk.accept("bbbb", 11);
    xmpp::Element last;
    while (const auto presence = talk.find(Talk::presence(occupant("focus")))) last = *presence;
    CHECK(!says_no_bridge(last));
}

TEST_CASE_FIXTURE(Call, "a bridge that leaves: everybody is invited to another one") {
    bridge_appears("jvb2");
    bridge_leaves("jvb1");
    for (const char* nick : {"aaaa", "bbbb"}) {
        const auto end = expect("session-terminate", jingle(occupant(nick), "session-terminate"));
        const auto* reason = end.child("jingle")->child("reason");
        CHECK(reason->child("success") != nullptr);
        CHECK(reason->child_text("text") == "moving");
        CHECK(end.child("jingle")->get("sid") == sids[nick]);
    }
    expect("expire", conference_expire("jvb1"));
    CHECK(allocate("aaaa", "jvb2").child("conference-modify")->get_bool("create"));
    CHECK(!allocate("bbbb", "jvb2").child("conference-modify")->get_bool("create"));
    const std::string old = sids["aaaa"];
    CHECK(accept("aaaa", 3001) != old);
    accept("bbbb", 4001);
    CHECK(focus->bridges().counts().lost == 1);
}

TEST_CASE_FIXTURE(Call, "a bridge that shuts down is emptied, a drained one is not") {
    bridge_appears("jvb2");
    SUBCASE("shutting down") {
        bridge_appears("jvb1", "<stat name='shutting_down' value='true'/>");
        expect("the move", jingle(occupant("aaaa"), "session-terminate"));
        allocate("aaaa", "jvb2");
    }
    SUBCASE("draining") {
        bridge_appears("jvb1", "<stat name='drain' value='true'/>");
        expect_none("a move", jingle(occupant("aaaa"), "session-terminate"));
    }
    SUBCASE("graceful shutdown") {
        bridge_appears("jvb1", "<stat name='graceful_shutdown' value='true'/>");
        expect_none("a move", jingle(occupant("aaaa"), "session-terminate"));
        client_joins("cccc");
        allocate("cccc", "jvb1");
    }
}

TEST_CASE("a health check that fails moves the call") {
    FocusConfig config = talk_config();
    config.bridge.health_checks = true;
    config.bridge.health_interval = milliseconds(30);
    config.bridge.health_retry_delay = milliseconds(10);
    config.xmpp.reply_timeout = seconds(1);
    Talk talk(config);
    talk.two_party_call();
    const auto health = [](const xmpp::Element& s) { return s.child("healthcheck") != nullptr; };
    std::optional<xmpp::Element> check;
    REQUIRE(talk.run_until([&] { return (check = talk.find(health)).has_value(); }));
    talk.answer(*check);
    REQUIRE(talk.run_until([&] { return (check = talk.find(health)).has_value(); }));
    talk.refuse(*check, "<internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    talk.expect("the move", Talk::jingle(occupant("aaaa"), "session-terminate"));
    CHECK(talk.focus->bridges().counts().operational == 0);
}

TEST_CASE("health by presence: no questions; illness moves the call, silence only closes the bridge") {
    FocusConfig config = talk_config();
    config.bridge.health_checks = true;
    config.bridge.health_use_presence = true;
    config.bridge.health_interval = milliseconds(1'000);
    config.bridge.presence_timeout = seconds(5);
    Talk talk(config);
    talk.two_party_call();
    talk.bridge_appears("jvb2");
    const auto operational = [&] { return talk.focus->bridges().counts().operational; };
    const auto health = [](const xmpp::Element& s) { return s.child("healthcheck") != nullptr; };
    talk.run_for(milliseconds(3'000));
    CHECK(operational() == 2);
    SUBCASE("ill") {
        talk.bridge_appears("jvb1", "<stat name='healthy' value='false'/>");
        talk.run_for(milliseconds(1'100));
        CHECK(operational() == 1);
        talk.expect("the move", Talk::jingle(occupant("aaaa"), "session-terminate"));
    }
    SUBCASE("silent") {
        talk.bridge_appears("jvb2", "<stat name='current_timestamp' value='2'/>");
        talk.run_for(milliseconds(3'100));
        CHECK(operational() == 1);
        talk.expect_none("a move", Talk::jingle(occupant("aaaa"), "session-terminate"));
    }
    talk.expect_none("a question", health);
}

TEST_CASE("who leaves the brewery unannounced is lost, who said so is not") {
    Talk talk;
    talk.bridge_appears("jvb1", "<stat name='graceful_shutdown' value='true'/>");
    talk.bridge_leaves("jvb1");
    CHECK(talk.focus->bridges().counts().lost == 0);
    talk.bridge_appears("jvb1");
    talk.bridge_leaves("jvb1");
    CHECK(talk.focus->bridges().counts().lost == 1);
    CHECK(talk.focus->bridges().counts().known == 0);
}

TEST_CASE_FIXTURE(Call, "a second source goes to the bridge, and within the sender limit") {
    const std::string screen =
        "<content name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>"
        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='3001' name='aaaa-v1' "
        "videoType='desktop'><parameter name='msid' value='aaaa-video-1-1 x-1'/></source>"
        "</description></content>";
    hear(jingle_iq("aaaa", "source-add", sids["aaaa"], screen));
    CHECK(expect("an answer", answer_to("j1")).get("type") == "result");
    const auto update = expect("the update", colibri("jvb1"));
    const auto* sources = update.child("conference-modify")->child("endpoint")->child("sources");
    CHECK(sources->children().size() == 3);
    hear(jingle_iq("aaaa", "source-remove", sids["aaaa"], screen, "j2"));
    CHECK(expect("an answer", answer_to("j2")).get("type") == "result");
    const auto less = expect("the update", colibri("jvb1"));
    CHECK(less.child("conference-modify")->child("endpoint")->child("sources")->children().size() ==
          2);
}

TEST_CASE("a conference that the bridge still knows is expired there before it is made anew") {
    Talk talk;
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    const auto first = talk.expect("allocation", Talk::colibri("jvb1"));
    const auto second = talk.expect("allocation", Talk::colibri("jvb1"));
    talk.refuse(first, "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                       "<error xmlns='jitsi:colibri2' reason='conference_already_exists'/>");
    const auto expire = talk.expect("expire", conference_expire("jvb1"));
    talk.expect_none("a new create before the expire was answered", Talk::colibri("jvb1"));
    talk.refuse(second, "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                        "<error xmlns='jitsi:colibri2' reason='conference_not_found'/>");
    talk.answer(expire, "<conference-modified xmlns='jitsi:colibri2'/>");
    talk.allocate("aaaa");
    talk.allocate("bbbb");
    talk.accept("aaaa", 1);
    talk.accept("bbbb", 11);
    CHECK(talk.focus->counters().bridges_removed == 1);
}

TEST_CASE("a bridge that does not answer is left, and another one carries the call") {
    Talk talk;
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    talk.bridge_appears("jvb2", "<stat name='region' value='elsewhere'/>");
    talk.stream->sent.clear();
    REQUIRE(talk.run_until([&] { return talk.focus->bridges().counts().operational == 1; }));
    talk.allocate("aaaa", "jvb2");
    talk.allocate("bbbb", "jvb2");
}

TEST_CASE_FIXTURE(Call, "an endpoint that the bridge has lost is invited again, alone") {
    hear(jingle_iq("aaaa", "transport-info", sids["aaaa"],
                   "<content name='audio'><transport "
                   "xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='n' pwd='m'/></content>"));
    const auto update = expect("the update", colibri("jvb1"));
    refuse(update, "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                   "<error xmlns='jitsi:colibri2' reason='unknown_endpoint'/>"
                   "<endpoint xmlns='jitsi:colibri2' id='aaaa'/>");
    expect("the move", jingle(occupant("aaaa"), "session-terminate"));
    expect_none("another move", jingle(occupant("bbbb"), "session-terminate"));
    CHECK(!allocate("aaaa").child("conference-modify")->get_bool("create"));
}

TEST_CASE("the last one is dropped from the bridge, and a newcomer starts the call anew") {
    Talk talk;
    talk.two_party_call();
    talk.stream->sent.clear();
    talk.client_leaves("bbbb");
    const auto left = talk.expect("expire", Talk::colibri("jvb1"));
    CHECK(left.child("conference-modify")->child("endpoint")->get("id") == "bbbb");
    REQUIRE(talk.run_until([&] {
        return std::any_of(talk.stream->sent.begin(), talk.stream->sent.end(),
                           Talk::jingle(occupant("aaaa"), "session-terminate"));
    }));
    const auto expire = talk.expect("expire", conference_expire("jvb1"));
    talk.answer(expire, "<conference-modified xmlns='jitsi:colibri2'/>");
    talk.client_joins("dddd");
    CHECK(talk.allocate("aaaa").child("conference-modify")->get_bool("create"));
    talk.allocate("dddd");
    talk.accept("aaaa", 1001);
    talk.accept("dddd", 4001);
}

using Colibri = Result<xmpp::colibri2::ConferenceModified, xmpp::colibri2::Refusal>;

awaitable<Colibri> answer_at_once(std::vector<xmpp::colibri2::ConferenceModify>* calls,
                                  xmpp::colibri2::ConferenceModify request) {
    calls->push_back(request);
    xmpp::colibri2::ConferenceModified modified;
    for (const auto& asked : request.endpoints) {
        auto& endpoint = modified.endpoints.emplace_back();
        endpoint.id = asked.id;
        endpoint.transport.emplace();
        endpoint.transport->ice.emplace();
        endpoint.transport->ice->ufrag = "local";
    }
    co_return modified;
}

// The embedded SFU, and what it is asked.
BridgeList::Local embedded(std::vector<xmpp::colibri2::ConferenceModify>& calls) {
    BridgeList::Local local{.nick = "inside", .calls = {}};
    local.calls.modify = [&calls](xmpp::colibri2::ConferenceModify request) {
        return answer_at_once(&calls, std::move(request));
    };
    return local;
}

TEST_CASE("a bridge without SCTP refuses: nobody is invited, and the room is told") {
    FocusConfig config = talk_config();
    config.sctp_enabled = true;
    Talk talk(config);
    const std::string features = std::string(kPlainFeatures) +
                                 "<feature var='urn:xmpp:jingle:transports:dtls-sctp:1'/>";
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.client_joins("aaaa", features);
    talk.client_joins("bbbb", features);
    const auto asked = talk.expect("an allocation", Talk::colibri("jvb1"));
    CHECK(asked.to_xml().find("<sctp") != std::string::npos);
    talk.refuse(asked,
                "<feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    talk.expect("the end of the conference there", conference_expire("jvb1"));
    talk.expect("presence that says so", [](const xmpp::Element& s) {
        return Talk::presence(occupant("focus"))(s) && says_no_bridge(s);
    });
    for (const char* who : {"aaaa", "bbbb"}) {
        talk.expect_none("an offer", Talk::jingle(occupant(who), "session-initiate"));
    }
}

TEST_CASE("all move to the embedded SFU: no offer tells of sources that end with the move") {
    std::vector<xmpp::colibri2::ConferenceModify> calls;
    Talk talk(talk_config(), embedded(calls));
    talk.two_party_call(kPlainFeatures);
    talk.bridge_appears("inside");
    talk.stream->sent.clear();
    talk.bridge_leaves("jvb1");
    for (const char* who : {"aaaa", "bbbb"}) {
        const auto offer =
            talk.expect("an offer", Talk::jingle(occupant(who), "session-initiate")).to_xml();
        CHECK(offer.find("ufrag='local'") != std::string::npos);
        for (const char* ssrc : {"1001", "2001"}) CHECK(offer.find(ssrc) == std::string::npos);
    }
}

TEST_CASE("the embedded SFU is called, not written to, and stays without its presence") {
    std::vector<xmpp::colibri2::ConferenceModify> calls;
    Talk talk(talk_config(), embedded(calls));
    talk.bridge_appears("inside");
    talk.open_room();
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    talk.accept_iq("aaaa", "x", 1);
    const auto offer =
        talk.expect("the offer", Talk::jingle(occupant("aaaa"), "session-initiate"));
    CHECK(offer.to_xml().find("ufrag='local'") != std::string::npos);
    talk.expect_none("an IQ to itself", Talk::colibri("inside"));
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].create);
    CHECK(!calls[1].create);
    CHECK(calls[1].endpoints.front().id == "bbbb");
    talk.bridge_leaves("inside");
    talk.expect_none("a move", Talk::jingle(occupant("aaaa"), "session-terminate"));
    CHECK(talk.focus->bridges().all().size() == 1);
}

TEST_CASE("a bridge that was there before us may be dead: one that comes now is taken first") {
    Talk talk;
    talk.stream->change(xmpp::ConnectionState::disconnected);
    talk.stream->change(xmpp::ConnectionState::connected);
    const auto join = Talk::presence(std::string(kBrewery) + "/focus");
    REQUIRE(talk.run_until([&] {
        return std::any_of(talk.stream->sent.begin(), talk.stream->sent.end(), join);
    }));
    talk.bridge_appears("before");
    talk.hear(fmt::format("<presence from='{}/focus' to='{}'>"
                          "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='{}' "
                          "affiliation='owner' role='moderator'/><status code='110'/></x>"
                          "</presence>",
                          kBrewery, kFocusJid, kFocusJid));
    talk.answer(talk.expect("form of the brewery", Talk::iq("get", kBrewery, "query")),
                "<query xmlns='http://jabber.org/protocol/muc#owner'>"
                "<x xmlns='jabber:x:data' type='form'/></query>");
    talk.answer(talk.expect("its submission", Talk::iq("set", kBrewery, "query")));
    REQUIRE(talk.focus->bridges().all().size() == 1);
    talk.bridge_appears("now");
    talk.open_room();
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    talk.allocate("aaaa", "now");
    talk.allocate("bbbb", "now");
}

}  // namespace
}  // namespace jmeet::focus
