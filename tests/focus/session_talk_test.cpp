#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

TEST_CASE_FIXTURE(Call, "a client asks for a restart: the answer first, then a new offer") {
    const std::string session = bridge_session();
    hear(jingle_iq("aaaa", "session-terminate", sids["aaaa"], restart(session)));
    const auto answered = expect("the answer", answer_to("j1"));
    CHECK(answered.get("type") == "result");
    expect_none("session-terminate", jingle(occupant("aaaa"), "session-terminate"));
    const auto expired = expect("expire of the endpoint", colibri("jvb1"));
    CHECK(expired.child("conference-modify")->child("endpoint")->get_bool("expire"));
    allocate("aaaa");
    const std::string sid = accept("aaaa", 5001);
    SUBCASE("again within five seconds: ended and refused") {
        hear(jingle_iq("aaaa", "session-terminate", sid, restart(session), "j2"));
        const auto refused = expect("the answer", answer_to("j2"));
        CHECK(condition_of(refused) == "resource-constraint");
        CHECK(xmpp::parse_stanza_error(refused).text == "rate-limited");
        CHECK(conference()->state().participants.size() == 1);
    }
    SUBCASE("with the id of a session that is none") {
        hear(jingle_iq("bbbb", "session-terminate", sids["bbbb"], restart("nonsense"), "j3"));
        CHECK(condition_of(expect("the answer", answer_to("j3"))) == "item-not-found");
        CHECK(conference()->state().participants.size() == 2);
    }
}

TEST_CASE_FIXTURE(Call, "a restart is told to those without SSRC rewriting") {
    // A third one hears of sources by source-add and source-remove.
    client_joins("cccc", kPlainFeatures);
    allocate("cccc");
    accept("cccc", 7001);
    stream->sent.clear();
    hear(jingle_iq("aaaa", "session-terminate", sids["aaaa"], restart(bridge_session())));
    const auto removed = expect("source-remove", jingle(occupant("cccc"), "source-remove"));
    CHECK(removed.child("jingle")->child_text("json-message").find("\"s\":1001") !=
          std::string::npos);
    expect_none("source-remove to a rewriting client", jingle(occupant("bbbb"), "source-remove"));
}

TEST_CASE_FIXTURE(Call, "errors of Jingle requests") {
    const auto refused = [&](const std::string& xml) {
        hear(xml);
        const auto answer = expect("an answer", answer_to("j1"));
        CHECK(answer.get("type") == "error");
        return xmpp::parse_stanza_error(answer);
    };
    const std::string sid = sids["aaaa"];
    CHECK(refused(jingle_iq("aaaa", "source-add", "unknown", "")).condition == "bad-request");
    CHECK(refused(jingle_iq("bbbb", "source-add", sid, "")).condition == "bad-request");
    CHECK(refused(jingle_iq("aaaa", "nonsense", sid, "")).text == "Missing 'action'");
    const auto unsupported = refused(jingle_iq("aaaa", "content-add", sid, ""));
    CHECK(unsupported.condition == "feature-not-implemented");
    CHECK(unsupported.text == "Unsupported 'action'");
    CHECK(refused(jingle_iq("aaaa", "transport-info", sid, "")).text == "missing transport");
    const std::string taken =
        "<content name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>"
        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='2001' name='aaaa-v1'/>"
        "</description></content>";
    const auto used = refused(jingle_iq("aaaa", "source-add", sid, taken));
    CHECK(used.condition == "bad-request");
    CHECK(used.text == "SSRC is already used: 2001.");
    hear(fmt::format("<iq type='set' id='j1' from='other@muc.meet.test/x' to='{}'>"
                     "<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='{}'/></iq>",
                     kFocusJid, sid));
    CHECK(condition_of(expect("an answer", answer_to("j1"))) == "bad-request");
}

TEST_CASE_FIXTURE(Call, "a session that ended is gone") {
    const std::string sid = sids["aaaa"];
    hear(jingle_iq("aaaa", "session-terminate", sid, restart(bridge_session()), "j0"));
    hear(jingle_iq("aaaa", "source-add", sid, "", "j1"));
    const auto gone = xmpp::parse_stanza_error(expect("an answer", answer_to("j1")));
    CHECK(gone.condition == "gone");
    CHECK(gone.text == "session ended");
    allocate("aaaa");
    expect("a new offer", jingle(occupant("aaaa"), "session-initiate"));
    hear(jingle_iq("aaaa", "source-add", sid, "", "j2"));
    const auto stale = xmpp::parse_stanza_error(expect("an answer", answer_to("j2")));
    CHECK(stale.condition == "item-not-found");
    CHECK(stale.text == "jingle session no longer active");
    hear(accept_iq("aaaa", sid, 9001));
    CHECK(xmpp::parse_stanza_error(expect("an answer", answer_to("accept-aaaa"))).text ==
          "session has been replaced");
}

TEST_CASE("source-add is refused when too many send") {
    FocusConfig config = talk_config();
    config.conference.max_video_senders = 1;
    Talk talk(config);
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.client_joins("aaaa", {}, "<SourceInfo>{\"aaaa-v0\":{\"muted\":false}}</SourceInfo>");
    xmpp::Element limits;
    while (const auto p = talk.find(Talk::presence(occupant("focus")))) limits = *p;
    CHECK(limits.to_xml().find("video-limit-reached") != std::string::npos);
    talk.client_joins("bbbb");
    talk.allocate("aaaa");
    talk.allocate("bbbb");
    talk.accept("aaaa", 1001);
    const std::string sid = talk.accept("bbbb", 2001);
    talk.hear(jingle_iq("bbbb", "source-add", sid,
                        "<content name='video'>"
                        "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>"
                        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='3001' "
                        "name='bbbb-v1'/></description></content>"));
    const auto refused =
        xmpp::parse_stanza_error(talk.expect("an answer", Talk::answer_to("j1")));
    CHECK(refused.condition == "resource-constraint");
    CHECK(refused.text == "Sender count exceeded for: video");
}

TEST_CASE("an invite that the client refuses ends the participant") {
    Talk talk;
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    talk.allocate("aaaa");
    talk.allocate("bbbb");
    const auto offer =
        talk.expect("the offer", Talk::jingle(occupant("aaaa"), "session-initiate"));
    talk.refuse(offer, "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    const auto end =
        talk.expect("session-terminate", Talk::jingle(occupant("aaaa"), "session-terminate"));
    const auto* reason = end.child("jingle")->child("reason");
    CHECK(reason->child("general-error") != nullptr);
    CHECK(reason->child_text("text") == "jingle session failed");
}

TEST_CASE_FIXTURE(Call, "an ICE restart in place is relayed to the client") {
    const std::string info = fmt::format(
        "<bridge-session xmlns='http://jitsi.org/protocol/focus' id='{}' ice-restart='true'/>",
        bridge_session());
    hear(jingle_iq("aaaa", "session-info", sids["aaaa"], info));
    CHECK(expect("an answer", answer_to("j1")).get("type") == "result");
    const auto asked = expect("the bridge is asked", colibri("jvb1"));
    CHECK(asked.child("conference-modify")
              ->child("endpoint")
              ->child("transport")
              ->get_bool("ice-restart"));
    SUBCASE("with a new generation") {
        answer(asked, "<conference-modified xmlns='jitsi:colibri2'><endpoint id='aaaa'><transport>"
                      "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='fresh' "
                      "pwd='p' ice-generation='1'/></transport></endpoint></conference-modified>");
        const auto told = expect("transport-info", jingle(occupant("aaaa"), "transport-info"));
        const auto* transport = told.child("jingle")->child("content")->child("transport");
        CHECK(transport->get("ufrag") == "fresh");
        CHECK(transport->get("ice-generation") == "1");
    }
    SUBCASE("and the client's answer goes to the bridge with its generation") {
        const std::string contents =
            "<content creator='initiator' name='audio'><transport "
            "xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='newu' pwd='newp' "
            "ice-generation='1'/></content>";
        hear(jingle_iq("aaaa", "transport-info", sids["aaaa"], contents, "j4"));
        CHECK(expect("an answer", answer_to("j4")).get("type") == "result");
        const auto update = expect("the bridge is told", colibri("jvb1"));
        const auto* ice =
            update.child("conference-modify")->child("endpoint")->child("transport")->child(
                "transport");
        CHECK(ice->get("ufrag") == "newu");
        CHECK(ice->get("ice-generation") == "1");
    }
    SUBCASE("the bridge keeps its agent: nothing to tell") {
        answer(asked, "<conference-modified xmlns='jitsi:colibri2'><endpoint id='aaaa'><transport>"
                      "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='same' "
                      "pwd='p'/></transport></endpoint></conference-modified>");
        expect_none("transport-info", jingle(occupant("aaaa"), "transport-info"));
        expect_none("a new session", jingle(occupant("aaaa"), "session-terminate"));
    }
    SUBCASE("the bridge refuses: a new session") {
        answer(asked, "<conference-modified xmlns='jitsi:colibri2'><endpoint id='aaaa'/>"
                      "</conference-modified>");
        expect("the move", jingle(occupant("aaaa"), "session-terminate"));
    }
    SUBCASE("a second one at once is too much") {
        hear(jingle_iq("aaaa", "session-info", sids["aaaa"], info, "j2"));
        CHECK(condition_of(expect("an answer", answer_to("j2"))) == "resource-constraint");
    }
    SUBCASE("for a session that is none") {
        const std::string other =
            "<bridge-session xmlns='http://jitsi.org/protocol/focus' id='x' ice-restart='true'/>";
        hear(jingle_iq("bbbb", "session-info", sids["bbbb"], other, "j3"));
        CHECK(condition_of(expect("an answer", answer_to("j3"))) == "item-not-found");
    }
}

TEST_CASE_FIXTURE(Call, "ICE failed, the old way: counted and invited again") {
    hear(jingle_iq("aaaa", "session-info", sids["aaaa"],
                   fmt::format("<ice-state xmlns='http://jitsi.org/protocol/focus'>FAILED"
                               "</ice-state><bridge-session "
                               "xmlns='http://jitsi.org/protocol/focus' id='{}'/>",
                               bridge_session())));
    CHECK(expect("an answer", answer_to("j1")).get("type") == "result");
    expect("the move", jingle(occupant("aaaa"), "session-terminate"));
    CHECK(focus->counters().ice_failed == 1);
}

}  // namespace
}  // namespace jmeet::focus
