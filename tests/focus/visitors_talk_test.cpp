// Visitors in a room: they are counted and told of, and not invited; what the room says of
// visitors is kept.
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

FocusConfig ten_seconds() {
    FocusConfig config = talk_config();
    config.conference.visitor_notification_interval = seconds(10);
    return config;
}

struct Audience : Talk {
    Audience() : Talk(ten_seconds()) {
        bridge_appears("jvb1");
        open_room();
        stream->sent.clear();
    }
    const ConferenceState& state() {
        return focus->rooms().find(xmpp::Jid("standup", "muc.meet.test"))->state();
    }
    void come(const std::string& nick, const std::string& codecs = "vp9,vp8,h264") {
        hear(fmt::format("<presence from='{}' to='{}'><jitsi_participant_codecList>{}"
                         "</jitsi_participant_codecList>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' "
                         "role='visitor' jid='{}@meet.test/w'/></x></presence>",
                         occupant(nick), kFocusJid, codecs, nick));
    }
    // What the focus has said of this property since the last look; the last thing.
    std::string said(const std::string& key) {
        std::string value;
        for (const auto& stanza : stream->sent) {
            if (!presence(occupant("focus"))(stanza)) continue;
            const auto properties = xmpp::parse_focus_presence(stanza).properties;
            for (const auto& [name, text] : properties) {
                if (name == key) value = text;
            }
        }
        return value;
    }
    int presences() const {
        return static_cast<int>(std::count_if(stream->sent.begin(), stream->sent.end(),
                                              presence(occupant("focus"))));
    }
};

TEST_CASE_FIXTURE(Audience, "a visitor and a participant: two members, one visitor") {
    come("vera");
    client_joins("paul");
    CHECK(state().members.size() == 2);
    CHECK(state().members.visitors() == 1);
    allocate("paul");
    CHECK(!state().participant("vera"));
    client_leaves("vera");
    CHECK(state().members.size() == 1);
    CHECK(state().members.visitors() == 0);
}

TEST_CASE_FIXTURE(Audience, "the number of visitors is told at once, then once in an interval") {
    come("v1");
    CHECK(said("visitor-count") == "1");
    run_for(milliseconds(1'000));
    stream->sent.clear();
    come("v2");
    come("v3");
    CHECK(presences() == 0);
    run_for(milliseconds(8'900));
    CHECK(presences() == 0);
    run_for(milliseconds(200));
    CHECK(presences() == 1);
    CHECK(said("visitor-count") == "3");
    // After more than an interval of silence the next change is told at once.
    run_for(milliseconds(10'100));
    stream->sent.clear();
    for (int i = 4; i < 9; ++i) come("v" + std::to_string(i));
    CHECK(said("visitor-count") == "4");
    run_for(milliseconds(10'000));
    CHECK(said("visitor-count") == "8");
    stream->sent.clear();
    client_leaves("v1");
    client_leaves("v2");
    CHECK(presences() == 0);
    run_for(milliseconds(10'000));
    CHECK(said("visitor-count") == "6");
}

TEST_CASE_FIXTURE(Audience, "what all visitors can do is told when it changes") {
    come("v1");
    CHECK(said("visitor-codecs") == "vp9,vp8,h264");
    stream->sent.clear();
    come("v2", "vp8,h264");
    CHECK(said("visitor-codecs") == "vp8,h264");
    stream->sent.clear();
    // The same visitor with another list.
    come("v2", "av1,vp9,vp8");
    CHECK(said("visitor-codecs") == "vp9,vp8");
    stream->sent.clear();
    come("v2", "av1,vp9,vp8");
    CHECK(said("visitor-codecs").empty());
    client_leaves("v2");
    CHECK(said("visitor-codecs") == "vp9,vp8,h264");
    client_leaves("v1");
}

TEST_CASE_FIXTURE(Audience, "nobody becomes a visitor, and a visitor becomes nobody else") {
    client_joins("paul");
    come("paul");
    CHECK(state().members.visitors() == 0);
    come("vera");
    hear(fmt::format("<presence from='{}' to='{}'><x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item affiliation='none' role='participant' jid='vera@meet.test/w'/></x>"
                     "</presence>",
                     occupant("vera"), kFocusJid));
    CHECK(state().members.visitors() == 1);
    client_leaves("vera");
    CHECK(state().members.visitors() == 0);
}

TEST_CASE_FIXTURE(Audience, "of visitors the metadata says what changes, and the rest stays") {
    const auto& metadata = state().metadata;
    CHECK(!metadata.visitors_enabled);
    CHECK(!metadata.participants_soft_limit);
    hear(metadata_message(R"({"visitors":{"live":true},"visitorsEnabled":true,)"
                          R"("participantsSoftLimit":50,"moderators":["m1"],"participants":[]})"));
    CHECK(metadata.visitors_live == true);
    CHECK(metadata.visitors_enabled == true);
    CHECK(metadata.participants_soft_limit == 50);
    CHECK(metadata.moderators == std::vector<std::string>{"m1"});
    REQUIRE(metadata.participants);
    CHECK(metadata.participants->empty());
    hear(metadata_message("{}"));
    CHECK(!metadata.visitors_live);
    CHECK(metadata.visitors_enabled == true);
    CHECK(metadata.participants_soft_limit == 50);
    CHECK(metadata.moderators.empty());
    CHECK(!metadata.participants);
    hear(metadata_message(R"({"visitorsEnabled":false,"participantsSoftLimit":30})"));
    CHECK(metadata.visitors_enabled == false);
    CHECK(metadata.participants_soft_limit == 30);
}

TEST_CASE("a room's form may name the visitors' settings, and metadata that came first wins") {
    Talk talk;
    const auto enter = [&](const std::string& metadata) {
        talk.request_conference("r1");
        talk.expect("join of the room", Talk::presence(occupant("focus")));
        if (!metadata.empty()) talk.hear(metadata_message(metadata));
        talk.hear(fmt::format(
            "<presence from='{}' to='{}'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item jid='{}' affiliation='owner' role='moderator'/><status code='110'/></x>"
            "</presence>",
            occupant("focus"), kFocusJid, kFocusJid));
        talk.answer(talk.expect("form", Talk::iq("get", kRoom, "query")),
                    "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' "
                    "type='form'><field var='muc#roominfo_visitorsEnabled'><value>1</value></field>"
                    "<field var='muc#roominfo_participantsSoftLimit'><value>70</value></field></x>"
                    "</query>");
        talk.answer(talk.expect("submission", Talk::iq("set", kRoom, "query")));
        return talk.focus->rooms().find(xmpp::Jid("standup", "muc.meet.test"))->state().metadata;
    };
    SUBCASE("the form alone") {
        const auto metadata = enter({});
        CHECK(metadata.visitors_enabled == true);
        CHECK(metadata.participants_soft_limit == 70);
    }
    SUBCASE("the metadata") {
        const auto metadata = enter(R"({"visitorsEnabled":false,"participantsSoftLimit":30})");
        CHECK(metadata.visitors_enabled == false);
        CHECK(metadata.participants_soft_limit == 30);
    }
}

}  // namespace
}  // namespace jmeet::focus
