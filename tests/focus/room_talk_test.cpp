#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

TEST_CASE("who asks while the room is being joined is told to ask again") {
    Talk talk;
    talk.request_conference("first");
    talk.request_conference("second");
    const auto early = talk.expect("an answer at once", Talk::answer_to("second"));
    CHECK(early.get("to") == "focus.meet.test/someone@meet.test/web");
    CHECK(early.child("conference")->get("ready") == "false");
    talk.let_room_in();
    const auto said = talk.expect("the answer", Talk::answer_to("first"));
    CHECK(said.child("conference")->get("ready") == "true");
    CHECK(said.child("conference")->get("focusjid") == "focus@auth.meet.test");
}

TEST_CASE("a room that cannot be joined is an error, and nothing is left of it") {
    Talk talk;
    talk.request_conference("q");
    talk.expect("join", Talk::presence(occupant("focus")));
    talk.hear(fmt::format("<presence type='error' from='{}' to='{}'><error type='cancel'>"
                          "<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                          "</presence>",
                          occupant("focus"), kFocusJid));
    talk.run_until([&] { return talk.focus->rooms().all().empty(); });
    CHECK(talk.expect("the answer", Talk::answer_to("q")).get("type") == "error");
    CHECK(talk.focus->rooms().all().empty());
}

TEST_CASE("nobody comes: the focus leaves the room") {
    FocusConfig config = talk_config();
    config.conference.initial_timeout = milliseconds(60);
    Talk talk(config);
    talk.open_room();
    CHECK(talk.run_until([&] { return talk.focus->rooms().all().empty(); }));
    talk.expect("goodbye", Talk::presence(occupant("focus"), "unavailable"));
}

TEST_CASE("the request's errors") {
    Talk talk;
    talk.hear(fmt::format("<iq type='set' id='x' from='a@meet.test/b' to='{}'>"
                          "<conference xmlns='http://jitsi.org/protocol/focus'/></iq>",
                          kFocusJid));
    const auto answer = talk.expect("the answer", Talk::answer_to("x"));
    CHECK(condition_of(answer) == "bad-request");
    CHECK(xmpp::parse_stanza_error(answer).text == "No 'room' specified.");
}

TEST_CASE_FIXTURE(Call, "the server is lost: the call goes on, newcomers are served later") {
    stream->change(xmpp::ConnectionState::disconnected);
    run();
    REQUIRE(conference());
    CHECK(conference()->state().participants.size() == 2);
    CHECK(focus->bridges().all().size() == 1);

    stream->change(xmpp::ConnectionState::connected);
    REQUIRE(run_until([&] {
        return std::any_of(stream->sent.begin(), stream->sent.end(), presence(occupant("focus")));
    }));
    for (const char* nick : {"aaaa", "bbbb"}) {
        hear(fmt::format("<presence from='{}' to='{}'>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                         "affiliation='none' role='participant' jid='{}@meet.test/web'/></x>"
                         "</presence>",
                         occupant(nick), kFocusJid, nick));
    }
    let_room_in();
    run();
    expect_none("a new offer", jingle(occupant("aaaa"), "session-initiate"));
    CHECK(conference()->state().participants.size() == 2);
    client_joins("cccc");
    allocate("cccc");
    accept("cccc", 3001);
}

TEST_CASE_FIXTURE(Call, "who left while the connection was lost is taken out when it is back") {
    stream->change(xmpp::ConnectionState::disconnected);
    stream->change(xmpp::ConnectionState::connected);
    REQUIRE(run_until([&] {
        return std::any_of(stream->sent.begin(), stream->sent.end(), presence(occupant("focus")));
    }));
    hear(fmt::format("<presence from='{}' to='{}'><x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item affiliation='none' role='participant' jid='aaaa@meet.test/web'/></x>"
                     "</presence>",
                     occupant("aaaa"), kFocusJid));
    let_room_in();
    run_until([&] { return conference()->state().members.size() == 1; });
    CHECK(conference()->state().members.size() == 1);
    CHECK(conference()->state().participants.count("aaaa") == 1);
}

TEST_CASE("a newcomer within the timeout keeps the last one's session") {
    Talk talk;
    talk.two_party_call();
    talk.client_leaves("bbbb");
    talk.client_joins("dddd");
    talk.run_for(milliseconds(200));
    talk.expect_none("a timeout", Talk::jingle(occupant("aaaa"), "session-terminate"));
    talk.allocate("dddd");
}

TEST_CASE("one alone is invited where one is enough") {
    FocusConfig config = talk_config();
    config.conference.min_participants = 1;
    Talk talk(config);
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.client_joins("aaaa");
    talk.allocate("aaaa");
}

TEST_CASE_FIXTURE(Call, "moving to a breakout room does not end the meeting, leaving does") {
    client_leaves("aaaa");
    SUBCASE("moving") {
        client_leaves("bbbb", "<status>switch_room</status>");
        CHECK(!focus->rooms().all().empty());
    }
    SUBCASE("leaving") {
        client_leaves("bbbb");
        CHECK(focus->rooms().all().empty());
        expect("goodbye", presence(occupant("focus"), "unavailable"));
    }
}

TEST_CASE_FIXTURE(Call, "the focus goes when it is owner no more, or the room is destroyed") {
    SUBCASE("no owner") {
        hear(fmt::format("<presence from='{}' to='{}'>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                         "affiliation='member' role='participant' jid='{}'/>"
                         "<status code='110'/></x></presence>",
                         occupant("focus"), kFocusJid, kFocusJid));
        expect("goodbye", presence(occupant("focus"), "unavailable"));
    }
    SUBCASE("destroyed") {
        hear(fmt::format("<presence type='unavailable' from='{}' to='{}'>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                         "affiliation='none' role='none'/><destroy><reason>over</reason></destroy>"
                         "<status code='110'/></x></presence>",
                         occupant("focus"), kFocusJid));
    }
    CHECK(focus->rooms().all().empty());
    expect("expire", conference_expire("jvb1"));
    expect_none("session-terminate", jingle(occupant("aaaa"), "session-terminate"));
}

TEST_CASE("the first person becomes owner, and the next one when it leaves") {
    Talk talk;
    talk.open_room();
    const auto granted = [&](const std::string& nick) {
        const auto grant = talk.expect("a grant", Talk::iq("set", kRoom, "query"));
        const auto* item = grant.child("query")->child("item");
        CHECK(item->get("affiliation") == "owner");
        CHECK(item->get("jid") == nick + "@meet.test");
        talk.answer(grant);
    };
    talk.client_joins("aaaa");
    granted("aaaa");
    talk.client_joins("bbbb");
    talk.expect_none("a second grant", Talk::iq("set", kRoom, "query"));
    talk.client_leaves("aaaa");
    granted("bbbb");
}

TEST_CASE("who does not answer disco#info is offered the least") {
    FocusConfig config = talk_config();
    Talk talk(config);
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.client_joins("aaaa");
    talk.hear(fmt::format("<presence from='{}' to='{}'>"
                          "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                          "affiliation='none' role='participant' jid='b@meet.test/web'/></x>"
                          "</presence>",
                          occupant("bbbb"), kFocusJid));
    REQUIRE(talk.run_until([&] {
        return std::any_of(talk.stream->sent.begin(), talk.stream->sent.end(),
                           Talk::colibri("jvb1"));
    }));
    talk.allocate("aaaa");
    const auto asked = talk.allocate("bbbb");
    CHECK(asked.to_xml().find("ssrc-rewriting") == std::string::npos);
    const auto offer =
        talk.expect("the offer", Talk::jingle(occupant("bbbb"), "session-initiate"));
    CHECK(offer.child("jingle")->child("json-message") == nullptr);
}

TEST_CASE("start muted: by the room's metadata for newcomers, by the first request's threshold") {
    Talk talk;
    talk.bridge_appears("jvb1");
    talk.open_room("<property name='startVideoMuted' value='1'/>");
    talk.hear(fmt::format("<message from='metadata.meet.test' to='{}'>"
                          "<json-message xmlns='http://jitsi.org/jitmeet' room='{}'>"
                          "{{\"type\":\"room_metadata\",\"metadata\":{{\"startMuted\":"
                          "{{\"audio\":true,\"video\":false}}}}}}</json-message></message>",
                          kFocusJid, kRoom));
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    talk.allocate("aaaa");
    talk.allocate("bbbb");
    const auto offer =
        talk.expect("the offer", Talk::jingle(occupant("bbbb"), "session-initiate"));
    const auto* muted = offer.child("jingle")->child("startmuted");
    REQUIRE(muted);
    CHECK(muted->get("audio") == "true");
    CHECK(muted->get("video") == "true");
}

TEST_CASE("metadata of anybody else is ignored") {
    Talk talk;
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.hear(fmt::format("<message from='evil.meet.test' to='{}'>"
                          "<json-message xmlns='http://jitsi.org/jitmeet' room='{}'>"
                          "{{\"type\":\"room_metadata\",\"metadata\":{{\"startMuted\":"
                          "{{\"audio\":true}}}}}}</json-message></message>",
                          kFocusJid, kRoom));
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    talk.allocate("aaaa");
    const auto offer =
        talk.expect("the offer", Talk::jingle(occupant("aaaa"), "session-initiate"));
    CHECK(offer.child("jingle")->child("startmuted") == nullptr);
}

TEST_CASE("two rooms with one meeting id: the second is refused") {
    Talk talk;
    talk.open_room();
    talk.hear(fmt::format("<iq type='set' id='two' from='a@meet.test/b' to='{}'>"
                          "<conference xmlns='http://jitsi.org/protocol/focus' "
                          "room='copy@muc.meet.test'/></iq>",
                          kFocusJid));
    talk.expect("join", Talk::presence("copy@muc.meet.test/focus"));
    talk.hear(fmt::format("<presence from='copy@muc.meet.test/focus' to='{}'>"
                          "<x xmlns='http://jabber.org/protocol/muc#user'>"
                          "<item affiliation='owner' role='moderator'/><status code='110'/></x>"
                          "</presence>",
                          kFocusJid));
    talk.answer(talk.expect("form", Talk::iq("get", "copy@muc.meet.test", "query")),
                "<query xmlns='http://jabber.org/protocol/muc#owner'>"
                "<x xmlns='jabber:x:data' type='form'><field var='muc#roominfo_meetingId'>"
                "<value>6f0e4f0c-6b0a-4a39-8e86-0d6c4f9f6a10</value></field></x></query>");
    talk.answer(talk.expect("submission", Talk::iq("set", "copy@muc.meet.test", "query")));
    CHECK(talk.expect("the answer", Talk::answer_to("two")).get("type") == "error");
    CHECK(talk.focus->rooms().all().size() == 1);
}

TEST_CASE("an offer that the lost connection swallowed is made again") {
    Talk talk;
    talk.bridge_appears("jvb1");
    talk.open_room();
    talk.client_joins("aaaa");
    talk.client_joins("bbbb");
    talk.allocate("aaaa");
    talk.allocate("bbbb");
    talk.stream->change(xmpp::ConnectionState::disconnected);
    talk.stream->sent.clear();
    talk.stream->change(xmpp::ConnectionState::connected);
    REQUIRE(talk.run_until([&] {
        return std::any_of(talk.stream->sent.begin(), talk.stream->sent.end(),
                           Talk::presence(occupant("focus")));
    }));
    for (const char* nick : {"aaaa", "bbbb"}) {
        talk.hear(fmt::format("<presence from='{}' to='{}'>"
                              "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                              "affiliation='none' role='participant' jid='{}@meet.test/web'/></x>"
                              "</presence>",
                              occupant(nick), kFocusJid, nick));
    }
    talk.let_room_in();
    for (int i = 0; i < 3; ++i) {
        const auto expire = talk.find([](const auto& s) {
            const auto* modify = s.child("conference-modify");
            if (!modify) return false;
            const auto* endpoint = modify->child("endpoint");
            return modify->get_bool("expire") || (endpoint && endpoint->get_bool("expire"));
        });
        if (expire) talk.answer(*expire, "<conference-modified xmlns='jitsi:colibri2'/>");
    }
    talk.allocate("aaaa");
    talk.allocate("bbbb");
    talk.accept("aaaa", 1001);
    talk.accept("bbbb", 2001);
}

TEST_CASE("one person's nick taken over after the connection was lost: the meeting goes on") {
    Talk talk;
    talk.open_room();
    talk.client_joins("aaaa");
    talk.stream->sent.clear();
    talk.stream->change(xmpp::ConnectionState::disconnected);
    talk.stream->change(xmpp::ConnectionState::connected);
    REQUIRE(talk.run_until([&] {
        return std::any_of(talk.stream->sent.begin(), talk.stream->sent.end(),
                           Talk::presence(occupant("focus")));
    }));
    talk.hear(fmt::format("<presence from='{}' to='{}'>"
                          "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                          "affiliation='none' role='participant' jid='new@meet.test/web'/></x>"
                          "</presence>",
                          occupant("aaaa"), kFocusJid));
    talk.let_room_in();
    talk.run();
    REQUIRE(talk.focus->rooms().all().size() == 1);
    const auto& members = talk.focus->rooms().all().begin()->second->state().members;
    REQUIRE(members.find("aaaa"));
    CHECK(members.find("aaaa")->real_jid.node() == "new");
}

}  // namespace
}  // namespace jmeet::focus
