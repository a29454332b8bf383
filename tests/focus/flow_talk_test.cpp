// Whole conferences: many come and go, sources are signalled to each other and gathered.
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

const std::vector<std::string> kFive{"aaaa", "bbbb", "cccc", "dddd", "eeee"};

struct Flow : Talk {
    explicit Flow(FocusConfig config = talk_config()) : Talk(std::move(config)) {
        bridge_appears("jvb1");
        open_room();
    }
    void join_five() {
        for (const std::string& nick : kFive) client_joins(nick);
        for (const std::string& nick : kFive) allocate(nick);
    }
    const ConferenceState& state() {
        return focus->rooms().find(xmpp::Jid("standup", "muc.meet.test"))->state();
    }
    std::size_t sources_of(const std::string& nick) {
        const auto& sets = state().sources.map().sets();
        const auto set = sets.find(nick);
        return set == sets.end() ? 0 : set->second.sources.size();
    }
    // The SSRCs of a source-add or source-remove in XML.
    static std::vector<std::string> ssrcs(const xmpp::Element& iq) {
        std::vector<std::string> found;
        for (const auto& content : iq.child("jingle")->children()) {
            const auto* description = content.child("description");
            if (!description) continue;
            for (const auto& source : description->children()) {
                if (source.name() == "source") found.push_back(source.get("ssrc"));
            }
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    std::string change(const std::string& nick, const std::string& action, int ssrc,
                       const std::string& id) {
        return jingle_iq(nick, action, sids[nick],
                         fmt::format("<content creator='responder' name='video'><description "
                                     "xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><source "
                                     "xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='{}' "
                                     "name='{}-v1'><parameter name='msid' value='{}-video-1-1 "
                                     "t-1'/></source></description></content>",
                                     ssrc, nick, nick),
                         id);
    }
    std::string type_of_answer(const std::string& id) {
        return expect("answer to " + id, answer_to(id)).get("type");
    }
};

TEST_CASE_FIXTURE(Flow, "five join and all leave") {
    join_five();
    std::uint32_t ssrc = 1001;
    for (const std::string& nick : kFive) accept(nick, ssrc += 1000);
    CHECK(state().participants.size() == 5);
    for (const std::string& nick : kFive) CHECK(sources_of(nick) == 2);
    for (const std::string& nick : kFive) client_leaves(nick);
    CHECK(focus->rooms().all().empty());
}

TEST_CASE_FIXTURE(Flow, "five join, two leave before they accept") {
    join_five();
    for (int i = 0; i < 3; ++i) {
        accept(kFive[static_cast<std::size_t>(i)], 1001u + 1000u * static_cast<unsigned>(i));
    }
    client_leaves("dddd");
    client_leaves("eeee");
    CHECK(state().participants.size() == 3);
    for (const char* nick : {"aaaa", "bbbb", "cccc"}) CHECK(sources_of(nick) == 2);
    for (const char* nick : {"aaaa", "bbbb", "cccc"}) client_leaves(nick);
    CHECK(focus->rooms().all().empty());
}

FocusConfig xml_sources() {
    FocusConfig config = talk_config();
    config.conference.use_json_encoded_sources = false;
    return config;
}

TEST_CASE("without rewriting everybody is told of everybody's sources, and of no one's leaving") {
    Flow talk(xml_sources());
    for (const char* nick : {"aaaa", "bbbb", "cccc"}) talk.client_joins(nick, kPlainFeatures);
    for (const char* nick : {"aaaa", "bbbb", "cccc"}) talk.allocate(nick);
    talk.accept("aaaa", 1001);
    talk.accept("bbbb", 2001);
    talk.run();
    talk.stream->sent.erase(
        std::remove_if(talk.stream->sent.begin(), talk.stream->sent.end(),
                       [](const auto& s) {
                           return Talk::jingle(occupant("aaaa"), "source-add")(s) ||
                                  Talk::jingle(occupant("bbbb"), "source-add")(s);
                       }),
        talk.stream->sent.end());

    talk.accept("cccc", 3001);
    talk.run();
    for (const char* nick : {"aaaa", "bbbb"}) {
        const auto told = talk.expect("source-add", Talk::jingle(occupant(nick), "source-add"));
        CHECK(Flow::ssrcs(told) == std::vector<std::string>{"3001", "3002"});
    }
    talk.hear(talk.change("cccc", "source-add", 3009, "add"));
    CHECK(talk.type_of_answer("add") == "result");
    for (const char* nick : {"aaaa", "bbbb"}) {
        const auto told = talk.expect("source-add", Talk::jingle(occupant(nick), "source-add"));
        CHECK(Flow::ssrcs(told) == std::vector<std::string>{"3009"});
    }
    talk.hear(talk.change("cccc", "source-add", 3009, "again"));
    CHECK(talk.type_of_answer("again") == "error");
    talk.hear(talk.change("cccc", "source-add", 1002, "taken"));
    CHECK(talk.type_of_answer("taken") == "error");
    talk.hear(talk.change("cccc", "source-remove", 3009, "remove"));
    CHECK(talk.type_of_answer("remove") == "result");
    for (const char* nick : {"aaaa", "bbbb"}) {
        const auto told =
            talk.expect("source-remove", Talk::jingle(occupant(nick), "source-remove"));
        CHECK(Flow::ssrcs(told) == std::vector<std::string>{"3009"});
    }
    talk.client_leaves("cccc");
    for (const char* nick : {"aaaa", "bbbb"}) {
        talk.expect_none("source-remove", Talk::jingle(occupant(nick), "source-remove"));
    }
}

TEST_CASE("in a large conference what comes within the delay is told at once") {
    FocusConfig config = xml_sources();
    config.conference.source_signaling_delays = {{3, milliseconds(300)}};
    Flow talk(config);
    for (const char* nick : {"aaaa", "bbbb", "cccc", "dddd"}) {
        talk.client_joins(nick, kPlainFeatures);
    }
    for (const char* nick : {"aaaa", "bbbb", "cccc", "dddd"}) talk.allocate(nick);
    talk.accept("aaaa", 1001);
    talk.accept("bbbb", 2001);
    talk.accept("cccc", 3001);
    talk.accept("dddd", 4001);
    std::vector<std::string> told;
    std::size_t stanzas = 0;
    CHECK(talk.run_until([&] {
        while (const auto add = talk.find(Talk::jingle(occupant("aaaa"), "source-add"))) {
            const auto more = Flow::ssrcs(*add);
            told.insert(told.end(), more.begin(), more.end());
            ++stanzas;
        }
        return told.size() == 6;
    }));
    CHECK(stanzas == 1);
}

TEST_CASE_FIXTURE(Flow, "visitors are not elected, and a breakout room is given no owner") {
    hear(fmt::format("<presence from='{}' to='{}'><x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item affiliation='none' role='visitor' jid='v@meet.test/web'/></x>"
                     "</presence>",
                     occupant("visitor"), kFocusJid));
    expect_none("a grant", iq("set", kRoom, "query"));
    client_joins("bbbb");
    const auto grant = expect("a grant", iq("set", kRoom, "query"));
    CHECK(grant.child("query")->child("item")->get("jid") == "bbbb@meet.test");

    const std::string breakout = "room2@breakout.meet.test";
    hear(fmt::format("<iq type='set' id='b' from='focus.meet.test/s@meet.test/web' to='{}'>"
                     "<conference xmlns='http://jitsi.org/protocol/focus' room='{}' "
                     "machine-uid='m1'/></iq>",
                     kFocusJid, breakout));
    expect("join", presence(breakout + "/focus"));
    hear(fmt::format("<presence from='{}/focus' to='{}'>"
                     "<x xmlns='http://jabber.org/protocol/muc#user'><status code='201'/>"
                     "<item jid='{}' affiliation='owner' role='moderator'/><status code='110'/>"
                     "</x></presence>",
                     breakout, kFocusJid, kFocusJid));
    answer(expect("form", iq("get", breakout, "query")),
           fmt::format("<query xmlns='http://jabber.org/protocol/muc#owner'>"
                       "<x xmlns='jabber:x:data' type='form'>"
                       "<field var='muc#roominfo_meetingId'><value>another</value></field>"
                       "<field var='muc#roominfo_isbreakout'><value>1</value></field>"
                       "<field var='muc#roominfo_breakout_main_room'><value>{}</value></field>"
                       "</x></query>",
                       kRoom));
    answer(expect("submission", iq("set", breakout, "query")));
    CHECK(expect("the answer", answer_to("b")).child("conference")->get("ready") == "true");
    hear(fmt::format("<presence from='{}/cccc' to='{}'>"
                     "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' "
                     "role='participant' jid='cccc@meet.test/web'/></x></presence>",
                     breakout, kFocusJid));
    expect_none("a grant in the breakout room", iq("set", breakout, "query"));

    // Everybody is in the breakout room: the main room waits for them.
    client_leaves("visitor");
    client_leaves("bbbb");
    CHECK(focus->rooms().all().size() == 2);
}

}  // namespace
}  // namespace jmeet::focus
