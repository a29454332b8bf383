// A bridge dies under a call in every way in which bridges die. Times are short here; the judge's
// own times are in bridges/heartbeat_state_test.cpp.
#include "tests/focus/heart.hpp"

namespace jmeet::focus {
namespace {

const Talk::Match kMove = Talk::jingle(occupant("aaaa"), "session-terminate");

TEST_CASE_FIXTURE(CallWithHearts, "a frozen bridge: its call moves, and it is used again later") {
    both_beat();
    first.frozen = true;
    REQUIRE(run_until([&] { return was_sent(kMove); }));
    CHECK(!operational("jvb1"));
    CHECK(focus->bridges().counts().media_lost == 1);
    expect("the old bridge is told to forget the meeting", conference_expire("jvb1"));
    expect_move_to("jvb2");
    first.frozen = false;
    REQUIRE(run_until([&] { return operational("jvb1"); }));
    expect_nobody_moves();
}

TEST_CASE_FIXTURE(CallWithHearts, "a killed bridge: the closed port is enough") {
    both_beat();
    first.close();
    REQUIRE(run_until([&] { return was_sent(kMove); }));
    expect_move_to("jvb2");
    // The server notices much later; by then nothing is left to be done.
    xmpp_dies("jvb1");
    CHECK(!bridge("jvb1"));
    CHECK(focus->bridges().counts().lost == 1);
    expect_nobody_moves();
}

TEST_CASE_FIXTURE(CallWithHearts, "a bridge whose port was never open to us is no alarm") {
    Heart third(*this, "hbclosed");
    third.frozen = true;
    hear(third.presence("jvb3"));
    both_beat();
    REQUIRE(run_until([&] { return second.answered > 20; }));
    CHECK(bridge("jvb3")->media() == Bridge::Media::unknown);
    CHECK(operational("jvb3"));
    expect_nobody_moves();
}

TEST_CASE_FIXTURE(CallWithHearts, "the only bridge freezes: its call waits for it or for another") {
    REQUIRE(run_until([&] { return alive("jvb1"); }));
    first.frozen = true;
    REQUIRE(run_until([&] { return !operational("jvb1"); }));
    expect_nobody_moves();
    SUBCASE("it thaws") {
        first.frozen = false;
        REQUIRE(run_until([&] { return operational("jvb1"); }));
        hear(second.presence("jvb2"));
        expect_nobody_moves();
    }
    SUBCASE("another one comes first") {
        hear(second.presence("jvb2"));
        expect_move_to("jvb2");
    }
}

TEST_CASE_FIXTURE(CallWithHearts, "only the XMPP of a bridge is cut: the call stays where it is") {
    both_beat();
    xmpp_dies("jvb1");
    REQUIRE(bridge("jvb1"));
    CHECK(bridge("jvb1")->detached());
    CHECK(!operational("jvb1"));
    expect_nobody_moves();
    SUBCASE("it comes back: nobody noticed, and newcomers go there") {
        hear(first.presence("jvb1"));
        CHECK(operational("jvb1"));
        expect_nobody_moves();
        client_joins("cccc");
        CHECK(!allocate("cccc", "jvb1").child("conference-modify")->get_bool("create"));
    }
    SUBCASE("somebody joins, and nobody can ask the bridge: everybody moves together") {
        client_joins("cccc");
        expect_move_to("jvb2");
        allocate("cccc", "jvb2");
        accept("cccc", 5001);
    }
    SUBCASE("its media stops too: it is gone") {
        first.close();
        REQUIRE(run_until([&] { return was_sent(kMove); }));
        CHECK(!bridge("jvb1"));
        expect_move_to("jvb2");
    }
}

TEST_CASE_FIXTURE(CallWithHearts, "the only bridge's XMPP is cut: who leaves takes nobody along") {
    REQUIRE(run_until([&] { return alive("jvb1"); }));
    client_joins("cccc");
    allocate("cccc");
    accept("cccc", 5001);
    xmpp_dies("jvb1");
    client_leaves("cccc");
    refuse(expect("expire", colibri("jvb1")),
           "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    expect_nobody_moves();
}

TEST_CASE_FIXTURE(CallWithHearts, "a bridge that leaves by itself is left, though it answers") {
    both_beat();
    bridge_leaves("jvb1");
    CHECK(!bridge("jvb1"));
    expect_move_to("jvb2");
}

TEST_CASE_FIXTURE(CallWithHearts, "a bridge started anew under its old name is a new one") {
    Heart reborn(*this, "hbreborn");
    const auto before = bridge("jvb1");
    // The room shows an ordinary change of presence: its new session took the nick over.
    hear(reborn.presence("jvb1"));
    CHECK(bridge("jvb1") != before);
    CHECK(focus->bridges().counts().lost == 1);
    const auto end = expect("the move", kMove);
    answer(expect("expire", conference_expire("jvb1")));
    CHECK(allocate("aaaa").child("conference-modify")->get_bool("create"));
    allocate("bbbb");
}

TEST_CASE_FIXTURE(Call, "a foreign bridge started anew is found out by its answer") {
    hear(jingle_iq("aaaa", "transport-info", sids["aaaa"],
                   "<content name='audio'><transport "
                   "xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='n' pwd='m'/></content>"));
    refuse(expect("the update", colibri("jvb1")),
           "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
           "<error xmlns='jitsi:colibri2' reason='conference_not_found'/>");
    expect("the move", kMove);
    answer(expect("expire", conference_expire("jvb1")));
    CHECK(allocate("aaaa").child("conference-modify")->get_bool("create"));
    allocate("bbbb");
}

TEST_CASE_FIXTURE(Call, "several clients lose their way to a bridge: all go elsewhere") {
    bridge_appears("jvb2");
    const std::string session = bridge_session();
    hear(jingle_iq("aaaa", "session-terminate", sids["aaaa"], restart(session), "r1"));
    CHECK(expect("an answer", answer_to("r1")).get("type") == "result");
    // One alone may have a bad network.
    allocate("aaaa", "jvb1");
    accept("aaaa", 3001);
    hear(jingle_iq("bbbb", "session-terminate", sids["bbbb"], restart(session), "r2"));
    CHECK(expect("an answer", answer_to("r2")).get("type") == "result");
    expect("the other one moves as well", kMove);
    allocate("aaaa", "jvb2");
    allocate("bbbb", "jvb2");
}

TEST_CASE_FIXTURE(Call, "with one bridge only, failing ICE does not take it away") {
    const std::string session = bridge_session();
    for (const char* who : {"aaaa", "bbbb"}) {
        hear(jingle_iq(who, "session-terminate", sids[who], restart(session), who));
        expect("an answer", answer_to(who));
        allocate(who, "jvb1");
    }
    expect_none("no bridge", says_no_bridge);
}

TEST_CASE_FIXTURE(Call, "the bridge cannot be used any more: a newcomer takes all along") {
    bridge_appears("jvb2");
    focus->bridges().mark_failed(*focus->bridges().find(*xmpp::Jid::parse(bridge_jid("jvb1"))));
    client_joins("cccc");
    for (const char* who : {"aaaa", "bbbb"}) {
        expect("the move", jingle(occupant(who), "session-terminate"));
    }
    for (const char* who : {"aaaa", "bbbb", "cccc"}) allocate(who, "jvb2");
}

}  // namespace
}  // namespace jmeet::focus
