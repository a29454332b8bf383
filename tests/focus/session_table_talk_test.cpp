// Rows of Jicofo's tables about sessions and sources, in conversations.
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

// A camera with three layers, each with RTX.
std::string camera(const std::string& id, std::uint32_t first) {
    std::string xml = "<content name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' "
                      "media='video'>";
    for (std::uint32_t i = 0; i < 6; ++i) {
        xml += fmt::format("<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='{}' "
                           "name='{}-v1'><parameter name='msid' value='{}-video-1-1 t'/></source>",
                           first + i, id, id);
    }
    const auto group = [&](const char* semantics, const std::vector<std::uint32_t>& members) {
        xml += fmt::format("<ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='{}'>",
                           semantics);
        for (const auto member : members) {
            xml += fmt::format("<source ssrc='{}'/>", first + member);
        }
        xml += "</ssrc-group>";
    };
    group("SIM", {0, 1, 2});
    group("FID", {0, 3});
    group("FID", {1, 4});
    group("FID", {2, 5});
    return xml + "</description></content>";
}

std::string one_source(const std::string& id, const std::string& ssrc) {
    return fmt::format("<content name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' "
                       "media='video'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='{}' "
                       "name='{}-v1'><parameter name='msid' value='{}-video-9-{} t'/></source>"
                       "</description></content>",
                       ssrc, id, id, ssrc);
}

TEST_CASE("who has no video hears of audio alone; who has hears of one layer of a camera") {
    Talk talk;
    talk.two_party_call(kPlainFeatures);
    talk.hear(jingle_iq("aaaa", "source-add", talk.sids["aaaa"], camera("aaaa", 7001)));
    CHECK(talk.expect("an answer", Talk::answer_to("j1")).get("type") == "result");
    const auto offer_to = [&](const std::string& nick, const std::string& features) {
        talk.client_joins(nick, features);
        talk.allocate(nick);
        return *talk.expect("the offer", Talk::jingle(occupant(nick), "session-initiate"))
                    .child("jingle");
    };
    const auto deaf = offer_to("cccc",
                               "<feature var='urn:xmpp:jingle:apps:rtp:audio'/>"
                               "<feature var='http://jitsi.org/json-encoded-sources'/>");
    REQUIRE(deaf.children_named("content").size() == 1);
    CHECK(deaf.child("content")->get("name") == "audio");
    const std::string heard = deaf.child_text("json-message");
    CHECK(heard.find("\"aaaa\":[[],[],[{\"s\":1001") != std::string::npos);
    CHECK(heard.find("1002") == std::string::npos);
    CHECK(heard.find("\"jvb\":[[],[],[{") != std::string::npos);

    const std::string seen = offer_to("dddd", kPlainFeatures).child_text("json-message");
    CHECK(seen.find("[\"f\",7001,7004]") != std::string::npos);
    CHECK(seen.find("[\"s\"") == std::string::npos);
    for (const char* ssrc : {"7002", "7003", "7005", "7006"}) {
        CHECK(seen.find(ssrc) == std::string::npos);
    }
}

TEST_CASE("the limit of senders is counted in the room, and for source-add alone") {
    FocusConfig config = talk_config();
    config.conference.max_video_senders = 5;
    Talk talk(config);
    talk.two_party_call();
    int number = 0;
    const auto add = [&](const std::string& ssrc) {
        const std::string id = "add" + std::to_string(number++);
        talk.hear(jingle_iq("aaaa", "source-add", talk.sids["aaaa"], one_source("aaaa", ssrc), id));
        const auto answer = talk.expect("an answer", Talk::answer_to(id));
        return answer.get("type") == "result" ? "result" : condition_of(answer);
    };
    const auto senders = [&](int from, int to) {
        for (int i = from; i < to; ++i) {
            const std::string nick = fmt::format("sender{}", i);
            // In the room, and not in the call.
            talk.hear(fmt::format("<presence from='{}' to='{}'><SourceInfo>{{\"{}-v0\":"
                                  "{{\"muted\":false}}}}</SourceInfo>"
                                  "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                                  "affiliation='none' role='participant' jid='{}@meet.test/w'/>"
                                  "</x></presence>",
                                  occupant(nick), kFocusJid, nick, nick));
        }
    };
    CHECK(add("3001") == "result");
    CHECK(add("3001") == "bad-request");
    CHECK(add("-1") == "bad-request");
    CHECK(add("0") == "bad-request");
    CHECK(add("4294967296") == "bad-request");
    senders(0, 2);
    CHECK(add("3002") == "result");
    senders(2, 10);
    CHECK(add("3003") == "resource-constraint");
    // A session-accept is not counted, and no answer to the offer is no refusal.
    talk.client_joins("late");
    talk.allocate("late");
    const auto offer =
        talk.expect("the offer", Talk::jingle(occupant("late"), "session-initiate"));
    talk.run_for(milliseconds(1'100));
    talk.hear(talk.accept_iq("late", offer.child("jingle")->get("sid"), 9001));
    CHECK(talk.expect("an answer", Talk::answer_to("accept-late")).get("type") == "result");
}

TEST_CASE("what was queued for somebody who has not accepted yet comes before its result") {
    Talk talk;
    talk.bridge_appears("jvb1");
    talk.open_room();
    for (const char* nick : {"aaaa", "bbbb"}) talk.client_joins(nick, kPlainFeatures);
    for (const char* nick : {"aaaa", "bbbb"}) talk.allocate(nick);
    const auto offer =
        talk.expect("the offer", Talk::jingle(occupant("bbbb"), "session-initiate"));
    talk.answer(offer);
    talk.accept("aaaa", 1001);
    talk.expect_none("sources too early", Talk::jingle(occupant("bbbb"), "source-add"));
    talk.hear(talk.accept_iq("bbbb", offer.child("jingle")->get("sid"), 2001));
    const auto place_of = [&](const Talk::Match& match) {
        return std::find_if(talk.stream->sent.begin(), talk.stream->sent.end(), match) -
               talk.stream->sent.begin();
    };
    const auto told = place_of(Talk::jingle(occupant("bbbb"), "source-add"));
    const auto result = place_of(Talk::answer_to("accept-bbbb"));
    CHECK(told < result);
    CHECK(result < static_cast<std::ptrdiff_t>(talk.stream->sent.size()));
    talk.expect("the sources", Talk::jingle(occupant("bbbb"), "source-add"));
    talk.expect_none("once more", Talk::jingle(occupant("bbbb"), "source-add"));
    talk.expect("the other's", Talk::jingle(occupant("aaaa"), "source-add"));
}

TEST_CASE_FIXTURE(Call, "an accept with impossible sources ends the session") {
    client_joins("cccc");
    allocate("cccc");
    const auto offer = expect("the offer", jingle(occupant("cccc"), "session-initiate"));
    const std::string sid = offer.child("jingle")->get("sid");
    hear(accept_iq("cccc", sid, 1001));
    const auto refused =
        xmpp::parse_stanza_error(expect("an answer", answer_to("accept-cccc")));
    CHECK(refused.condition == "bad-request");
    CHECK(refused.text == "SSRC is already used: 1001.");
    hear(jingle_iq("cccc", "source-add", sid, one_source("cccc", "5001")));
    CHECK(condition_of(expect("an answer", answer_to("j1"))) == "gone");
}

TEST_CASE_FIXTURE(Call, "Jigasi's ways: transport before the accept, and old names of actions") {
    client_joins("cccc");
    allocate("cccc");
    const auto offer = expect("the offer", jingle(occupant("cccc"), "session-initiate"));
    const std::string sid = offer.child("jingle")->get("sid");
    hear(jingle_iq("cccc", "transport-info", sid,
                   "<content name='audio'><transport "
                   "xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='n' pwd='m'/></content>"));
    CHECK(expect("an answer", answer_to("j1")).get("type") == "result");
    hear(accept_iq("cccc", sid, 5001));
    CHECK(expect("an answer", answer_to("accept-cccc")).get("type") == "result");
    hear(jingle_iq("cccc", "addsource", sid, one_source("cccc", "5005"), "j2"));
    CHECK(expect("an answer", answer_to("j2")).get("type") == "result");
    hear(jingle_iq("cccc", "removesource", sid, one_source("cccc", "5005"), "j3"));
    CHECK(expect("an answer", answer_to("j3")).get("type") == "result");
    CHECK(conference()->state().sources.of("cccc").sources.size() == 2);
}

std::string ice_restart(const std::string& session, const std::string& flag) {
    return fmt::format("<bridge-session xmlns='http://jitsi.org/protocol/focus' id='{}' {}/>",
                       session, flag);
}

TEST_CASE_FIXTURE(Call, "session-info that asks for nothing is acknowledged") {
    hear(jingle_iq("aaaa", "session-info", sids["aaaa"], ice_restart(bridge_session(), "")));
    CHECK(expect("an answer", answer_to("j1")).get("type") == "result");
    hear(jingle_iq("aaaa", "session-info", sids["aaaa"],
                   "<ice-state xmlns='http://jitsi.org/protocol/focus'>failed</ice-state>" +
                       ice_restart("another", ""),
                   "j2"));
    CHECK(expect("an answer", answer_to("j2")).get("type") == "result");
    expect_none("a request to the bridge", colibri("jvb1"));
    expect_none("a move", jingle(occupant("aaaa"), "session-terminate"));
}

TEST_CASE("ICE restarts in place can be switched off") {
    FocusConfig config = talk_config();
    config.conference.enable_ice_restart = false;
    Talk talk(config);
    talk.two_party_call();
    talk.stream->sent.clear();
    talk.hear(jingle_iq("aaaa", "session-info", talk.sids["aaaa"],
                        ice_restart("any", "ice-restart='true'")));
    const auto refused =
        xmpp::parse_stanza_error(talk.expect("an answer", Talk::answer_to("j1")));
    CHECK(refused.condition == "feature-not-implemented");
    CHECK(refused.text == "in-place ICE restart is disabled");
    talk.expect_none("a request to the bridge", Talk::colibri("jvb1"));
}

TEST_CASE_FIXTURE(Call, "an ICE generation that the client has seen is not told again") {
    const auto granted = [&](int generation) {
        hear(jingle_iq("aaaa", "session-info", sids["aaaa"],
                       ice_restart(bridge_session(), "ice-restart='true'")));
        CHECK(expect("an answer", answer_to("j1")).get("type") == "result");
        answer(expect("the bridge is asked", colibri("jvb1")),
               fmt::format("<conference-modified xmlns='jitsi:colibri2'><endpoint id='aaaa'>"
                           "<transport><transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' "
                           "ufrag='u' pwd='p' ice-generation='{}'/></transport></endpoint>"
                           "</conference-modified>",
                           generation));
        const bool told = find(jingle(occupant("aaaa"), "transport-info")).has_value();
        run_for(milliseconds(5'001));
        return told;
    };
    CHECK(granted(1));
    CHECK(!granted(1));
    CHECK(granted(2));
    CHECK(focus->counters().ice_restarts_relayed == 2);
    CHECK(focus->counters().ice_restarts_failed == 1);
}

TEST_CASE_FIXTURE(Call, "five restarts a minute, five seconds apart; a refused one ends the call") {
    for (int i = 0; i < 5; ++i) {
        hear(jingle_iq("aaaa", "session-terminate", sids["aaaa"], restart(bridge_session())));
        REQUIRE(expect("an answer", answer_to("j1")).get("type") == "result");
        allocate("aaaa");
        accept("aaaa", 5001u + 10u * static_cast<unsigned>(i));
        run_for(milliseconds(5'000));
    }
    hear(jingle_iq("aaaa", "session-terminate", sids["aaaa"], restart(bridge_session())));
    CHECK(condition_of(expect("an answer", answer_to("j1"))) == "resource-constraint");
    CHECK(!conference()->state().participant("aaaa"));
    CHECK(conference()->state().members.find("aaaa"));
}

}  // namespace
}  // namespace jmeet::focus
