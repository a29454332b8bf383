// A focus process is killed under a call, and another one goes on: no session is made anew, no
// media stops, and nobody sees a focus leave.
#include "tests/focus/state_talk.hpp"

namespace jmeet::focus {
namespace {

TEST_CASE("a focus is killed: its successor goes on with the same sessions") {
    Killed killed;
    Successor successor(killed);
    successor.bridge_appears("jvb1");
    successor.enters_with({"aaaa", "bbbb"});
    REQUIRE(successor.conference());
    CHECK(successor.conference()->ready());
    for (const char* who : {"aaaa", "bbbb"}) {
        const auto asked = successor.question_for(who);
        CHECK(asked.child("conference-modify")->child("endpoint")->child("sources")->children()
                  .size() == 2);
        successor.answer(asked, "<conference-modified xmlns='jitsi:colibri2'/>");
        successor.expect_none("a new session",
                              Talk::jingle(occupant(who), "session-initiate"));
        successor.expect_none("an end", Talk::jingle(occupant(who), "session-terminate"));
    }
    CHECK(successor.conference()->bridges()->session_id_of("aaaa") == killed.bridge_session);
    successor.expect_none("a departure", Talk::presence(occupant("focus"), "unavailable"));

    // The old sessions are served.
    successor.hear(jingle_iq("aaaa", "source-add", killed.sids["aaaa"],
                             "<content name='video'><description "
                             "xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>"
                             "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='3001' "
                             "name='aaaa-v1' videoType='desktop'><parameter name='msid' "
                             "value='aaaa-video-1-1 x-1'/></source></description></content>"));
    CHECK(successor.expect("an answer", Talk::answer_to("j1")).get("type") == "result");
    CHECK(successor.question_for("aaaa").child("conference-modify")->child("endpoint")
              ->child("sources")->children().size() == 3);

    // A newcomer goes to the same bridge, into the conference that is there.
    successor.client_joins("cccc");
    CHECK(!successor.allocate("cccc").child("conference-modify")->get_bool("create"));
    successor.accept("cccc", 5001);
}

TEST_CASE("clients without SSRC rewriting are told only of what is new after a takeover") {
    Killed killed(kPlainFeatures);
    Successor successor(killed);
    successor.bridge_appears("jvb1");
    successor.enters_with({"aaaa", "bbbb"});
    successor.bridge_knows("aaaa");
    successor.bridge_knows("bbbb");
    successor.expect_none("old sources", Talk::jingle(occupant("aaaa"), "source-add"));
    successor.client_leaves("bbbb");
    successor.client_joins("cccc", kPlainFeatures);
    successor.allocate("cccc");
    successor.accept("cccc", 5001);
    const auto told = successor.expect("the newcomer's sources",
                                       Talk::jingle(occupant("aaaa"), "source-add"));
    CHECK(told.child("jingle")->get("sid") == killed.sids["aaaa"]);
    CHECK(told.to_xml().find("5001") != std::string::npos);
    CHECK(told.to_xml().find("2001") == std::string::npos);
}

TEST_CASE("who left while no focus was there is taken out, who came is invited") {
    Killed killed;
    Successor successor(killed);
    successor.bridge_appears("jvb1");
    successor.enters_with({"aaaa", "dddd"});
    successor.bridge_knows("aaaa");
    const auto gone = successor.expect("bbbb is forgotten", [](const xmpp::Element& s) {
        const auto* modify = s.child("conference-modify");
        const auto* endpoint = modify ? modify->child("endpoint") : nullptr;
        return endpoint && endpoint->get("id") == "bbbb" && endpoint->get_bool("expire");
    });
    successor.answer(gone, "<conference-modified xmlns='jitsi:colibri2'/>");
    successor.answer(successor.expect("disco#info", Talk::iq("get", occupant("dddd"), "query")),
                     "<query xmlns='http://jabber.org/protocol/disco#info'>"
                     "<feature var='urn:xmpp:jingle:apps:rtp:audio'/></query>");
    successor.allocate("dddd");
    successor.expect("an offer", Talk::jingle(occupant("dddd"), "session-initiate"));
    CHECK(successor.conference()->state().participants.size() == 2);
}

TEST_CASE("a nick that somebody else has now is another person") {
    Killed killed;
    Successor successor(killed);
    successor.bridge_appears("jvb1");
    successor.stream->sent.clear();
    REQUIRE(successor.run_until([&] { return successor.conference() != nullptr; }));
    successor.enters_with({"aaaa"});
    CHECK(successor.conference()->state().participants.contains("aaaa"));
    CHECK(!successor.conference()->state().participants.contains("bbbb"));
}

TEST_CASE("the bridge went with the focus: one new session each, in the same room") {
    Killed killed;
    Successor successor(killed);
    successor.bridge_appears("jvb2");
    successor.enters_with({"aaaa", "bbbb"});
    for (const char* who : {"aaaa", "bbbb"}) {
        const auto end = successor.expect("the old session's end",
                                          Talk::jingle(occupant(who), "session-terminate"));
        CHECK(end.child("jingle")->get("sid") == killed.sids[who]);
        successor.allocate(who, "jvb2");
        CHECK(successor.accept(who, who[0] == 'a' ? 3001 : 4001) != killed.sids[who]);
    }
    successor.expect_none("no bridge", says_no_bridge);
}

TEST_CASE("a server that names no meeting: the bridge's name for it is kept") {
    Killed killed;
    Successor successor(killed);
    successor.meeting_id = {};
    successor.bridge_appears("jvb1");
    successor.enters_with({"aaaa", "bbbb"});
    const auto asked = successor.question_for("aaaa");
    CHECK(asked.child("conference-modify")->get("meeting-id") ==
          "6f0e4f0c-6b0a-4a39-8e86-0d6c4f9f6a10");
    successor.answer(asked, "<conference-modified xmlns='jitsi:colibri2'/>");
    successor.bridge_knows("bbbb");
    successor.expect_none("an end", Talk::jingle(occupant("aaaa"), "session-terminate"));
}

TEST_CASE("another meeting in a room of the same name: everybody is new") {
    Killed killed;
    Successor successor(killed);
    successor.meeting_id = "11111111-6b0a-4a39-8e86-0d6c4f9f6a10";
    successor.bridge_appears("jvb1");
    successor.enters_with({"aaaa"});
    CHECK(successor.conference()->state().participants.empty());
    successor.expect("disco#info", Talk::iq("get", occupant("aaaa"), "query"));
}

TEST_CASE("a bridge that lost one endpoint meanwhile: that one is invited anew, alone") {
    Killed killed;
    Successor successor(killed);
    successor.bridge_appears("jvb1");
    successor.enters_with({"aaaa", "bbbb"});
    successor.bridge_knows("bbbb");
    successor.refuse(successor.question_for("aaaa"),
                     "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                     "<error xmlns='jitsi:colibri2' reason='unknown_endpoint'/>"
                     "<endpoint xmlns='jitsi:colibri2' id='aaaa'/>");
    successor.allocate("aaaa");
    successor.accept("aaaa", 3001);
    successor.expect_none("a move", Talk::jingle(occupant("bbbb"), "session-terminate"));
}

TEST_CASE("a room that nobody is in any more is left again, and its file goes") {
    Killed killed;
    Successor successor(killed);
    successor.bridge_appears("jvb1");
    successor.enters_with({}, "<status code='201'/>");
    successor.expect("a departure", Talk::presence(occupant("focus"), "unavailable"));
    CHECK(!successor.conference());
    REQUIRE(successor.run_until([&] { return killed.after_death.files() == 0; }));
}

TEST_CASE("a stopped focus leaves its rooms to a successor without a word") {
    Folder folder;
    std::vector<xmpp::Element> said;
    {
        Talk talk(state_config(folder));
        talk.two_party_call();
        talk.stream->sent.clear();
        bool stopped = false;
        asio::co_spawn(talk.io, talk.focus->stop(),
                       [&](const std::exception_ptr&) { stopped = true; });
        REQUIRE(talk.run_until([&] { return stopped; }));
        said = talk.stream->sent;
    }
    CHECK(folder.files() == 1);
    for (const auto& stanza : said) CHECK_MESSAGE(false, stanza.to_xml());
}

TEST_CASE("files that are no records are named, removed and harmless") {
    Folder folder;
    std::ofstream(folder.path / "0000000000000001.conference") << "<conference xmlns='urn:jmeet:"
                                                                  "focus-state:2' room='a@b'/>";
    std::ofstream(folder.path / "0000000000000002.conference") << "half a fi";
    std::ofstream(folder.path / "0000000000000003.conference") << std::string(3 << 20, 'x');
    std::ofstream(folder.path / "something-else") << "kept";
    Talk talk(state_config(folder));
    talk.two_party_call();
    REQUIRE(talk.run_until([&] { return folder.files() == 2; }));
    CHECK(fs::exists(folder.path / "something-else"));
}

TEST_CASE("a folder that cannot be written stops the start with one sentence") {
    FocusConfig config = talk_config();
    config.state_folder = "/proc/nowhere";
    asio::io_context io;
    const auto make = [&] { Services services(io, config, {}); };
    CHECK_THROWS_WITH_AS(make(), doctest::Contains("--state-folder"), std::runtime_error);
}

}  // namespace
}  // namespace jmeet::focus
