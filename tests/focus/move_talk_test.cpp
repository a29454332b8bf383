#include "focus/load_redistributor.hpp"
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

using Moved = LoadRedistributor::Moved;

TEST_CASE("whom a move takes: the largest conferences first, of equals the first") {
    const std::vector<int> sizes{1, 3, 3};
    using Shares = std::vector<MoveShare>;
    CHECK(pick_greedily(sizes, 1) == Shares{{1, 1}});
    CHECK(pick_greedily(sizes, 3) == Shares{{1, 3}});
    CHECK(pick_greedily(sizes, 6) == Shares{{1, 3}, {2, 3}});
    CHECK(pick_greedily(sizes, 100) == Shares{{1, 3}, {2, 3}, {0, 1}});
    CHECK(pick_greedily(sizes, 0).empty());
    CHECK(pick_greedily({}, 5).empty());
    const std::vector<int> three{10, 5, 1};
    CHECK(pick_greedily(three, 8) == Shares{{0, 8}});
    CHECK(pick_greedily(three, 12) == Shares{{0, 10}, {1, 2}});
    CHECK(pick_greedily(three, 100) == Shares{{0, 10}, {1, 5}, {2, 1}});
    CHECK(pick_greedily(sizes, 2) == Shares{{1, 2}});
}

struct Moving : Call {
    LoadRedistributor& mover = focus->mover();
    xmpp::Jid room = *xmpp::Jid::parse(kRoom);
    Moved moved(const LoadRedistributor::Outcome& outcome) {
        REQUIRE(std::holds_alternative<Moved>(outcome));
        run();
        return std::get<Moved>(outcome);
    }
    std::string missing(const LoadRedistributor::Outcome& outcome) {
        REQUIRE(std::holds_alternative<LoadRedistributor::NotFound>(outcome));
        return std::get<LoadRedistributor::NotFound>(outcome).what;
    }
};

TEST_CASE_FIXTURE(Moving, "one endpoint is moved, by the bridge's nick or its address") {
    CHECK(moved(mover.move_endpoint(room, "aaaa", "jvb1")) == Moved{1, 1});
    expect("the move", jingle(occupant("aaaa"), "session-terminate"));
    allocate("aaaa");
    accept("aaaa", 3001);
    CHECK(moved(mover.move_endpoint(room, "aaaa", bridge_jid("jvb1"))) == Moved{1, 1});
    CHECK(moved(mover.move_endpoint(room, "nobody", "")) == Moved{0, 0});
    CHECK(missing(mover.move_endpoint(room, "aaaa", "jvb9")) == "Bridge");
    CHECK(missing(mover.move_endpoint(xmpp::Jid("other", "muc.meet.test"), "aaaa", "")) ==
          "Conference");
}

TEST_CASE_FIXTURE(Moving, "a drained bridge is emptied: all go together to the other one") {
    bridge_appears("jvb2");
    bridge_appears("jvb1", "<stat name='drain' value='true'/>");
    CHECK(missing(mover.move_endpoints("jvb9", {}, 100)) == "Bridge");
    CHECK(moved(mover.move_fraction("jvb1", 1.0)) == Moved{2, 1});
    expect("the old bridge forgets the meeting", conference_expire("jvb1"));
    CHECK(allocate("aaaa", "jvb2").child("conference-modify")->get_bool("create"));
    allocate("bbbb", "jvb2");
    accept("aaaa", 3001);
    accept("bbbb", 4001);
    CHECK(moved(mover.move_endpoints("jvb1", {}, 100)) == Moved{0, 0});
    CHECK(moved(mover.move_endpoints("jvb2", room, 1)) == Moved{1, 1});
}

TEST_CASE_FIXTURE(Moving, "an overloaded bridge is relieved, at most once in three minutes") {
    bridge_appears("jvb2");
    bridge_appears("jvb1", "<stat name='drain' value='true'/>");
    const auto jvb1 = mover.find_bridge("jvb1");
    const auto now = Clock::now();
    mover.redistribute(now);
    run();
    expect_none("a move", jingle(occupant("aaaa"), "session-terminate"));
    xmpp::BridgeStats stats;
    stats.add("stress_level", 0.95);
    jvb1->apply(stats, now);
    mover.redistribute(now);
    run();
    allocate("aaaa", "jvb2");
    allocate("bbbb", "jvb2");
    accept("aaaa", 3001);
    accept("bbbb", 4001);
    stream->sent.clear();
    SUBCASE("nobody else has room") {
        stats = {};
        stats.add("stress_level", 0.99);
        mover.find_bridge("jvb2")->apply(stats, now);
        mover.redistribute(now);
    run();
        expect_none("a move", jingle(occupant("aaaa"), "session-terminate"));
    }
    SUBCASE("it was relieved a moment ago") {
        mover.redistribute(now + seconds(60));
        run();
        CHECK(jvb1->endpoints() == 0);
        expect_none("a move", jingle(occupant("aaaa"), "session-terminate"));
    }
}

}  // namespace
}  // namespace jmeet::focus
