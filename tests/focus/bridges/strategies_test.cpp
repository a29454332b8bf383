// The tables of Jicofo's own tests of its selection strategies.
#include "tests/focus/bridges/brewery.hpp"

namespace jmeet::focus {
namespace {

using Uses = std::vector<Brewery::Use>;

TEST_CASE("strategies are named with or without the package") {
    BridgeConfig config;
    for (const char* kind : {"Single", "Split", "RegionBased", "IntraRegion"}) {
        config.selection_strategy = std::string(kind) + "BridgeSelectionStrategy";
        CHECK((*make_strategy(config))->name() == config.selection_strategy);
        config.selection_strategy = "org.jitsi.jicofo.bridge." + config.selection_strategy;
        CHECK(make_strategy(config).has_value());
    }
    config.selection_strategy = "VisitorSelectionStrategy";
    CHECK((*make_strategy(config))->name() == "VisitorSelectionStrategy");
    config.visitor_strategy = "VisitorSelectionStrategy";
    CHECK(!make_strategy(config).has_value());
    config.selection_strategy = "FairyBridgeSelectionStrategy";
    CHECK(!make_strategy(config).has_value());
}

TEST_CASE("without relays a conference stays on its bridge whatever the strategy, and it is said") {
    for (const char* kind : {"SplitBridgeSelectionStrategy", "RegionBasedBridgeSelectionStrategy",
                             "IntraRegionBridgeSelectionStrategy", "VisitorSelectionStrategy"}) {
        Brewery b(kind);
        b.config.several_bridges = false;
        b.add("jvb1", .9, "r1");
        b.add("jvb2", .1, "r2");
        CHECK(b.select({{"jvb1", 200}}, "r2") == "jvb1");
        CHECK(b.select({{"jvb1", 200}}, "r2", {}, true) == "jvb1");
        CHECK(needs_relays(b.config).find("not connected with each other") != std::string::npos);
    }
    BridgeConfig config;
    CHECK(needs_relays(config).empty());
    config.octo_wanted = true;
    CHECK(needs_relays(config).starts_with("ENABLE_OCTO is on"));
}

TEST_CASE("a bridge without relay id keeps its conference to itself") {
    Brewery b("SplitBridgeSelectionStrategy");
    Bridge alone(xmpp::Jid("brewery", "muc", "alone"), b.config, nullptr);
    Bridge& other = b.add("jvb2", 0);
    const auto strategy = make_strategy(b.config);
    CHECK(*select_bridge({&alone, &other}, {{&alone, 1}}, {}, {}, b.config, **strategy, b.now) ==
          &alone);
}

TEST_CASE("region strategy: versions come first") {
    Brewery b;
    b.add("jvb1", .9, "r", "v1");
    b.add("jvb2", .1, "r", "v2");
    CHECK(b.select({}, {}, "v1") == "jvb1");
    CHECK(b.select({}, {}, "v2") == "jvb2");
    CHECK(b.select({}, {}, "nonexistent") == "none");
    CHECK(b.select({{"jvb1"}}) == "jvb1");
    b.add("jvb3", .1, "r", "v1");
    CHECK(b.select({{"jvb1"}}) == "jvb3");
}

TEST_CASE("region strategy: a conference bridge that has gone is not chosen") {
    Brewery b;
    b.add("jvb1", .2, "r1");
    b.add("jvb2", .5, "r2");
    b.add("jvb3", .1, "r3");
    b.absent = {"jvb3"};
    const Uses all{{"jvb1"}, {"jvb2"}, {"jvb3"}};
    CHECK(b.select(all) == "jvb1");
    CHECK(b.select(all, "r2") == "jvb2");
}

TEST_CASE("split strategy: one after the other, then the emptiest") {
    Brewery b("SplitBridgeSelectionStrategy");
    b.add("jvb1", .2, "r1");
    b.add("jvb2", .5, "r2");
    b.add("jvb3", .1, "r3");
    CHECK(b.select() != "none");
    CHECK(b.select({{"jvb1"}}) != "jvb1");
    CHECK(b.select({{"jvb1"}, {"jvb2"}}) == "jvb3");
    const Uses growing{{"jvb1", 1}, {"jvb2", 2}, {"jvb3", 3}};
    CHECK(b.select(growing) == "jvb1");
    b.absent = {"jvb1"};
    CHECK(b.select(growing) == "jvb2");
}

TEST_CASE("visitor strategy: visitors go elsewhere, as long as there is an elsewhere") {
    Brewery b("VisitorSelectionStrategy");
    b.config.participant_strategy = b.config.visitor_strategy = "SingleBridgeSelectionStrategy";
    b.add("jvb1", .2, "r1");
    b.add("jvb2", .2, "r1");
    b.add("jvb3", .1, "r1");
    const std::string first = b.select({}, "r1");
    CHECK(first == "jvb3");
    const std::string visitor = b.select({{first}}, "r1", {}, true);
    CHECK(visitor != first);
    CHECK(b.select({{first}, {visitor, 1, true}}, "r1", {}, true) == visitor);
    CHECK(b.select({{first}, {visitor, 1, true}}, "r1") == first);
    b.absent = {"jvb1", "jvb2"};
    CHECK(b.select({{first}}, "r1", {}, true) == first);
}

struct LocalRegion : Brewery {
    LocalRegion() { config.local_region = "local-region"; }
};

TEST_CASE_FIXTURE(LocalRegion, "local region: three idle bridges") {
    add("b1", 0, "region1");
    add("b2", 0, "local-region");
    add("b3", 0, "region3");
    CHECK(select({}, "region1") == "b1");
    CHECK(select({}, "local-region") == "b2");
    CHECK(select({}, "unknown") == "b2");
    CHECK(select() == "b2");
    CHECK(select({{"b3"}}, "region3") == "b3");
    CHECK(select({{"b3"}}, "local-region") == "b2");
    CHECK(select({{"b3"}}) == "b2");
    CHECK(select({{"b3"}, {"b2"}}) == "b2");
    CHECK(select({{"b3"}, {"b2"}}, "unknown") == "b2");
}

TEST_CASE_FIXTURE(LocalRegion, "local region: a low, a medium and a high stress") {
    add("low", .1, "low");
    add("med", .3, "med");
    add("high", .8, "high");
    CHECK(select({}, "high") == "low");
    CHECK(select({}, "med") == "med");
    CHECK(select({}, "unknown") == "low");
    CHECK(select() == "low");
    CHECK(select({{"low"}}, "low") == "low");
    CHECK(select({{"low"}}, "med") == "med");
    CHECK(select({{"low"}}) == "low");
    CHECK(select({{"low"}, {"med"}}) == "low");
    CHECK(select({{"low"}, {"med"}}, "unknown") == "low");
}

TEST_CASE_FIXTURE(LocalRegion, "local region: two medium ones and a high one") {
    add("m1", .25, "m1");
    add("m2", .3, "m2");
    add("high", .8, "high");
    CHECK(select({}, "high") == "m1");
    CHECK(select({}, "m2") == "m2");
    CHECK(select({}, "unknown") == "m1");
    CHECK(select() == "m1");
    CHECK(select({{"m2"}}, "m1") == "m1");
    CHECK(select({{"m2"}}, "m2") == "m2");
    CHECK(select({{"m2"}}) == "m2");
    CHECK(select({{"m2"}, {"high"}}) == "m2");
    CHECK(select({{"m2"}, {"high"}}, "unknown") == "m2");
}

struct FiveRegions : Brewery {
    FiveRegions() {
        config.max_participants = 10;
        for (const char* region : {"ap-south", "eu-central", "eu-west", "us-east", "us-west"}) {
            add(std::string(region) + "/low", 0, region);
            add(std::string(region) + "/med", .3, region);
            add(std::string(region) + "/high", .9, region);
        }
    }
    const Uses spread{{"ap-south/low", 2}, {"eu-west/med", 1}, {"eu-west/high", 1}};
    Uses full_in_europe() const {
        Uses uses = spread;
        uses.push_back({"eu-central/low", 10});
        return uses;
    }
};

TEST_CASE_FIXTURE(FiveRegions, "five regions without groups") {
    CHECK(select().ends_with("/low"));
    CHECK(select({}, "ap-south") == "ap-south/low");
    CHECK(select({{"ap-south/med", 1}}, "ap-south") == "ap-south/med");
    CHECK(select({{"ap-south/med", 10}}, "ap-south") == "ap-south/low");
    CHECK(select({{"ap-south/low", 10}}, "ap-south") == "ap-south/med");
    const Uses both{{"ap-south/low", 2}, {"ap-south/med", 1}};
    CHECK(select(both, "ap-south") == "ap-south/low");
    CHECK(select(both) == "ap-south/low");
    CHECK(select(spread) == "ap-south/low");
    CHECK(select(spread, "eu-west") == "eu-west/med");
    CHECK(select(spread, "eu-central") == "eu-central/low");
    CHECK(select(full_in_europe(), "eu-central") == "eu-central/med");
}

TEST_CASE_FIXTURE(FiveRegions, "five regions in groups, this focus in us-east") {
    config.region_groups =
        *parse_region_groups(R"(["us-east","us-west"],["eu-central","eu-west"])");
    config.local_region = "us-east";
    CHECK(select({}, "ap-south") == "ap-south/low");
    CHECK(select({}, "eu-west") == "eu-west/low");
    CHECK(select({}, "us-west") == "us-east/low");
    CHECK(select(full_in_europe(), "eu-central") == "eu-west/med");
    CHECK(select(full_in_europe(), "us-east") == "us-east/low");
    absent = {"eu-west/low", "eu-west/med", "eu-west/high"};
    CHECK(select({}, "eu-west") == "eu-central/low");
    CHECK(select({{"us-east/low"}}, "eu-west") == "eu-central/low");
}

TEST_CASE("region groups are read as operators write them") {
    const auto groups = *parse_region_groups(R"(["eu-central","eu-west"],["us-east"])");
    CHECK(groups == RegionGroups{{"eu-central", "eu-west"}, {"us-east"}});
    CHECK(*parse_region_groups("[ a , b ]\n[]") == RegionGroups{{"a", "b"}});
    CHECK(parse_region_groups("")->empty());
    CHECK(!parse_region_groups("eu-west").has_value());
    CHECK(!parse_region_groups("[a,[b]]").has_value());
    CHECK(!parse_region_groups("[a").has_value());
    CHECK(region_group(groups, {}).empty());
    CHECK(region_group(groups, "abc") == std::vector<std::string>{"abc"});
    CHECK(region_group(groups, "eu-west") == groups.front());
}

// A conference may not put more than ten newcomers an interval on a bridge.
struct JoinRate : Brewery {
    explicit JoinRate(std::string strategy = "RegionBasedBridgeSelectionStrategy")
        : Brewery(std::move(strategy)) {
        config.max_participants_per_interval = 10;
        add("b1", 0, "region");
        add("b2", .1, "region");
    }
    static Brewery::Use recent(const char* nick, int count) { return {nick, 1, false, count}; }
};

TEST_CASE_FIXTURE(JoinRate, "join rate: region strategy") {
    CHECK(select({recent("b1", 9)}, "region") == "b1");
    CHECK(select({recent("b1", 10)}, "region") == "b2");
    CHECK(select({recent("b1", 110)}, "region") == "b2");
    CHECK(select({recent("b1", 10), recent("b2", 10)}, "region") == "b1");
    CHECK(select({}, "region") == "b1");
    CHECK(!bridge("b1").overloaded(now));
    CHECK(bridge("b1").corrected_stress(now) == 0.0);
    CHECK(select({recent("b1", 0)}, "region") == "b1");
    add("b3", .2, "region");
    CHECK(select({recent("b1", 10), recent("b3", 0)}, "region") == "b3");
    config.max_participants_per_interval = -1;
    CHECK(select({recent("b1", 1000)}, "region") == "b1");
}

TEST_CASE("join rate: intra-region strategy") {
    JoinRate b("IntraRegionBridgeSelectionStrategy");
    CHECK(b.select({JoinRate::recent("b1", 9)}, "region") == "b1");
    CHECK(b.select({JoinRate::recent("b1", 10)}, "region") == "b2");
}

TEST_CASE("join rate: where all are overloaded the first stays") {
    Brewery b;
    b.config.max_participants_per_interval = 10;
    b.add("o1", .9, "region");
    b.add("o2", .95, "region");
    CHECK(b.select({{"o1", 1, false, 10}, {"o2", 1, false, 10}}, "region") == "o1");
}

TEST_CASE("intra-region strategy keeps to the region of the conference") {
    Brewery b("IntraRegionBridgeSelectionStrategy");
    b.config.max_participants = 10;
    b.add("eu1", .3, "eu");
    b.add("eu2", .4, "eu");
    b.add("us1", .1, "us");
    CHECK(b.select({}, "eu") == "eu1");
    CHECK(b.select({}, "nowhere") == "us1");
    CHECK(b.select({{"eu1", 3}}, "us") == "eu1");
    CHECK(b.select({{"eu1", 10}}, "us") == "eu2");
    CHECK(b.select({{"eu1", 10}, {"eu2", 10}}, "us") == "eu1");
}

struct RollingUpgrade : Brewery {
    RollingUpgrade() {
        config.max_participants = 80;
        add("old1", .1, "region", "old");
        add("old2", .2, "region", "old");
        add("old3", .3, "region", "old");
    }
    std::string select(const Uses& uses = {}, std::optional<std::string> version = {}) {
        return Brewery::select(uses, "region", std::move(version));
    }
    void add_new(const char* nick, double stress) {
        add(nick, stress, "region", "new");
        say(nick, "drain", "true");
    }
    void check_old_ones() {
        CHECK(select() == "old1");
        CHECK(select({}, "old") == "old1");
        CHECK(select({{"old1"}}) == "old1");
        CHECK(select({{"old2"}}) == "old2");
        CHECK(select({{"old3"}}) == "old3");
        CHECK(select({{"old2", 2}, {"old3", 1}}) == "old2");
        CHECK(select({}, "invalid") == "none");
        CHECK(select({{"old1"}}, "new") == "none");
        CHECK(select({{"old1", 80}}) == "old2");
        CHECK(select({{"old1", 80}, {"old3", 1}}) == "old3");
        CHECK(select({{"old1", 80}, {"old3", 80}}) == "old2");
        CHECK(select({{"old1", 80}, {"old2", 80}, {"old3", 80}}) == "old1");
    }
};

TEST_CASE_FIXTURE(RollingUpgrade, "rolling upgrade: new bridges beside old ones, then instead") {
    check_old_ones();

    add_new("new1", 0);
    CHECK(select() == "old1");
    CHECK(select({}, "new") == "new1");
    CHECK(select({{"new1"}}) == "new1");

    say("new1", "stress_level", "0.3");
    add_new("new2", .2);
    add_new("new3", .1);
    CHECK(select({}, "new") == "new3");
    for (const char* nick : {"new1", "new2", "new3"}) {
        CHECK(select({{nick}}) == nick);
        CHECK(select({{nick}}, "new") == nick);
    }
    CHECK(select({{"new1"}}, "old") == "none");
    CHECK(select({{"new1", 80}}) == "new3");
    CHECK(select({{"new1", 80}, {"new2", 1}}) == "new2");
    CHECK(select({{"new1", 80}, {"new2", 80}}) == "new3");
    CHECK(select({{"new1", 80}, {"new2", 80}, {"new3", 80}}) == "new3");
    check_old_ones();

    for (const auto& b : bridges) say(b->nick(), "drain", b->version() == "old" ? "true" : "false");
    say("old1", "stress_level", "0");
    CHECK(select() == "new3");
    CHECK(select({{"new3", 80}}) == "new2");
    CHECK(select({{"old1"}}) == "old1");
    CHECK(select({{"old1", 80}}) == "old2");
    CHECK(select({}, "old") == "old1");
}

}  // namespace
}  // namespace jmeet::focus
