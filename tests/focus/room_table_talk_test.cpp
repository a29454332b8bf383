// Rows of Jicofo's tables about rooms, members and moderation, in conversations.
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

struct Room : Talk {
    explicit Room(FocusConfig config = talk_config()) : Talk(std::move(config)) {
        bridge_appears("jvb1");
    }
    Conference* conference() {
        return focus->rooms().find(xmpp::Jid("standup", "muc.meet.test"));
    }
    // The room's answers up to the owner form, which has these fields besides.
    void enter_with_form(const std::string& fields) {
        expect("join of the room", presence(occupant("focus")));
        hear(fmt::format("<presence from='{}' to='{}'>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><status code='201'/>"
                         "<item jid='{}' affiliation='owner' role='moderator'/>"
                         "<status code='110'/></x></presence>",
                         occupant("focus"), kFocusJid, kFocusJid));
        answer(expect("form", iq("get", kRoom, "query")),
               "<query xmlns='http://jabber.org/protocol/muc#owner'>"
               "<x xmlns='jabber:x:data' type='form'>" + fields + "</x></query>");
        answer(expect("submission", iq("set", kRoom, "query")));
    }
    bool was_sent(const Match& match) const {
        return std::any_of(stream->sent.begin(), stream->sent.end(), match);
    }
    static std::string field(const std::string& name, const std::string& value) {
        return "<field var='muc#" + name + "'><value>" + value + "</value></field>";
    }
};

TEST_CASE_FIXTURE(Room, "one occupant joins once, and leaves once") {
    open_room();
    client_joins("aaaa");
    const auto again = [&](const std::string& attributes, const std::string& inside) {
        hear(fmt::format("<presence from='{}' to='{}' {}>{}"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                         "affiliation='none' role='participant' jid='aaaa@meet.test/web'/></x>"
                         "</presence>",
                         occupant("aaaa"), kFocusJid, attributes, inside));
    };
    again("", "<SourceInfo>{}</SourceInfo>");
    expect_none("a second disco#info", iq("get", occupant("aaaa"), "query"));
    again("type='error'", "<error type='cancel'/>");
    client_leaves("nobody");
    CHECK(conference()->state().members.size() == 1);
    // The only one, never invited: the room is over.
    client_leaves("aaaa");
    CHECK(!conference());
    expect("a departure", presence(occupant("focus"), "unavailable"));
}

TEST_CASE_FIXTURE(Room, "who is kicked has left") {
    open_room();
    client_joins("aaaa");
    client_joins("bbbb");
    hear(fmt::format("<presence from='{}' to='{}' type='unavailable'>"
                     "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' "
                     "role='none'/><status code='307'/></x></presence>",
                     occupant("bbbb"), kFocusJid));
    CHECK(conference()->state().members.size() == 1);
    CHECK(conference()->state().participants.size() == 1);
}

TEST_CASE_FIXTURE(Room, "a second leaver who was not the owner changes nobody's rights") {
    open_room();
    client_joins("aaaa");
    answer(expect("a grant", iq("set", kRoom, "query")));
    client_joins("bbbb");
    client_leaves("bbbb");
    expect_none("a grant", iq("set", kRoom, "query"));
    CHECK(conference()->owner() == "aaaa");
}

TEST_CASE_FIXTURE(Room, "the first to come is owner already: nobody is made one") {
    open_room();
    hear(fmt::format("<presence from='{}' to='{}'><x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item affiliation='owner' role='moderator' jid='aaaa@meet.test/web'/></x>"
                     "</presence>",
                     occupant("aaaa"), kFocusJid));
    client_joins("bbbb");
    expect_none("a grant", iq("set", kRoom, "query"));
    // It goes, and the other one follows.
    client_leaves("aaaa");
    const auto grant = expect("a grant", iq("set", kRoom, "query"));
    CHECK(grant.child("query")->child("item")->get("jid") == "bbbb@meet.test");
}

TEST_CASE_FIXTURE(Room, "a request for a room that nobody has entered yet gives more time") {
    open_room();
    run_for(milliseconds(8'000));
    request_conference("more");
    run_for(milliseconds(8'000));
    REQUIRE(conference());
    run_for(milliseconds(2'100));
    CHECK(!conference());
}

struct PatientRoom : Room {
    static FocusConfig config() {
        FocusConfig patient = talk_config();
        patient.conference.initial_timeout = milliseconds(15'000);
        return patient;
    }
    PatientRoom() : Room(config()) {}
};

TEST_CASE_FIXTURE(PatientRoom, "a room with presets is entered when its metadata has come") {
    request_conference("open");
    enter_with_form(field("roominfo_conference_presets_service_enabled", "1"));
    run_for(milliseconds(1'000));
    CHECK(!conference()->ready());
    SUBCASE("it comes") {
        hear(metadata_message("{}"));
        run_for(milliseconds(60));
    }
    SUBCASE("it does not come: ten seconds are enough") { run_for(milliseconds(9'100)); }
    REQUIRE(conference());
    CHECK(conference()->ready());
    CHECK(expect("the answer", answer_to("open")).child("conference")->get("ready") == "true");
}

TEST_CASE_FIXTURE(Room, "a server without meeting ids: one is made") {
    request_conference("open");
    enter_with_form("");
    REQUIRE(conference());
    CHECK(conference()->state().meeting_id.size() == 36);
}

TEST_CASE_FIXTURE(Room, "a breakout room says so in one of two ways") {
    request_conference("open");
    const std::string main = field("roominfo_breakout_main_room", "main@muc.meet.test");
    SUBCASE("true") { enter_with_form(field("roominfo_isbreakout", "true") + main); }
    SUBCASE("1") { enter_with_form(field("roominfo_isbreakout", "1") + main); }
    REQUIRE(conference());
    CHECK(conference()->main_room() == xmpp::Jid("main", "muc.meet.test"));
}

TEST_CASE_FIXTURE(Room, "metadata that says nothing to us") {
    open_room();
    const std::string muted = "{\"startMuted\":{\"audio\":true}}";
    hear(metadata_message(muted, "metadata.meet.test", "other@muc.meet.test"));
    hear(metadata_message(muted, "x@metadata.meet.test"));
    hear(fmt::format("<message from='metadata.meet.test' to='{}'><json-message "
                     "xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"room_metadata\",\"metadata\":{}"
                     "}}</json-message></message>",
                     kFocusJid, muted));
    hear(fmt::format("<message from='metadata.meet.test' to='{}'><json-message "
                     "xmlns='http://jitsi.org/jitmeet' room='{}'>no json</json-message></message>",
                     kFocusJid, kRoom));
    hear(fmt::format("<message from='metadata.meet.test' to='{}'><json-message "
                     "xmlns='http://jitsi.org/jitmeet' room='{}'>{{\"type\":\"av_moderation\","
                     "\"metadata\":{}}}</json-message></message>",
                     kFocusJid, kRoom, muted));
    // What people write to each other is none of our business, whatever it looks like.
    hear(fmt::format("<message type='groupchat' from='{}' to='{}'><json-message "
                     "xmlns='http://jitsi.org/jitmeet' room='{}'>{{\"type\":\"room_metadata\","
                     "\"metadata\":{}}}</json-message></message>",
                     occupant("aaaa"), kFocusJid, kRoom, muted));
    CHECK(!conference()->state().start_muted_policy);
    hear(metadata_message(muted));
    REQUIRE(conference()->state().start_muted_policy);
    // The next message says nothing of it: it stays.
    hear(metadata_message("{\"lobbyEnabled\":true}"));
    CHECK(conference()->state().start_muted_policy->audio == true);
    CHECK(conference()->state().metadata.lobby_enabled);
}

TEST_CASE_FIXTURE(Room, "transcription by the bridge: one alone is invited") {
    open_room();
    client_joins("aaaa");
    expect_none("an allocation", colibri("jvb1"));
    hear(metadata_message("{\"recording\":{\"isTranscribingEnabled\":true},"
                          "\"asyncTranscription\":true}"));
    allocate("aaaa");
}

TEST_CASE_FIXTURE(Call, "moderation: once begun it begins no more, lists and its end mute nobody") {
    const auto& moderation = conference()->state().moderation;
    const auto mutes_anybody = [&] {
        return find(iq("set", occupant("aaaa"), "mute")).has_value() ||
               find(iq("set", occupant("bbbb"), "mute")).has_value();
    };
    hear(allow("audio", "\"x\",\"y\""));
    hear(allow("video", "\"z\""));
    CHECK(moderation.whitelist(xmpp::MuteMedia::audio).size() == 2);
    CHECK(moderation.whitelist(xmpp::MuteMedia::video).size() == 1);
    CHECK(!moderation.enabled(xmpp::MuteMedia::audio));
    CHECK(!mutes_anybody());
    hear(moderate("audio", true, occupant("aaaa")));
    CHECK(mutes_anybody());
    hear(moderate("audio", true));
    CHECK(!mutes_anybody());
    hear(moderate("audio", false));
    CHECK(!mutes_anybody());
    CHECK(!moderation.enabled(xmpp::MuteMedia::audio));
    hear(moderation_message("{\"type\":\"av_moderation\",\"room\":\"" + std::string(kRoom) +
                            "\"}"));
    CHECK(moderation.whitelist(xmpp::MuteMedia::audio).size() == 2);
}

TEST_CASE_FIXTURE(Call, "one of two leaves and the other stays: no call, but a meeting") {
    client_leaves("bbbb");
    run_for(milliseconds(101));
    const auto end = expect("the end", jingle(occupant("aaaa"), "session-terminate"));
    const auto* reason = end.child("jingle")->child("reason");
    CHECK(reason->child("expired") != nullptr);
    CHECK(reason->child_text("text") == "Idle session timeout");
    REQUIRE(conference());
    CHECK(conference()->state().participants.empty());
    xmpp::Element said;
    while (const auto p = find(presence(occupant("focus")))) said = *p;
    CHECK(said.to_xml().find("key='bridge-count' value='0'") != std::string::npos);
    client_leaves("aaaa");
    CHECK(!conference());
}

}  // namespace
}  // namespace jmeet::focus
