#include "focus/bridges/selection.hpp"

#include <doctest/doctest.h>

namespace jmeet::focus {
namespace {

struct Brewery {
    BridgeConfig config;
    TimePoint now = TimePoint() + std::chrono::hours(1);
    std::vector<std::unique_ptr<Bridge>> bridges;

    Bridge& add(const std::string& nick, double stress, const std::string& region = {},
                const std::string& version = "v1") {
        bridges.push_back(
            std::make_unique<Bridge>(xmpp::Jid("brewery", "muc", nick), config, nullptr));
        xmpp::BridgeStats stats;
        stats.add("drain", "false");
        stats.add("stress_level", stress);
        stats.add("version", version);
        if (!region.empty()) stats.add("region", region);
        bridges.back()->apply(stats, now);
        return *bridges.back();
    }
    static void say(Bridge& bridge, const char* name, const char* value, TimePoint now) {
        xmpp::BridgeStats stats;
        stats.add(name, value);
        bridge.apply(stats, now);
    }
    Result<Bridge*> select(std::vector<ConferenceBridge> conference = {},
                           std::optional<std::string> region = {},
                           std::optional<std::string> version = {}) {
        const auto strategy = make_strategy(config);
        BridgePointers known;
        for (const auto& b : bridges) known.push_back(b.get());
        return select_bridge(known, conference, {region, false}, version, config, **strategy,
                             now);
    }
};

TEST_CASE_FIXTURE(Brewery, "operational before graceful before failed, then by stress") {
    Bridge& b1 = add("b1", 10.0);
    Bridge& b2 = add("b2", 0.1);
    SUBCASE("a failed bridge in shutdown comes last") {
        b2.set_failed(now);
        b2.set_graceful_shutdown();
        CHECK(order_bridges({&b2, &b1}, now).front() == &b1);
    }
    SUBCASE("a bridge in graceful shutdown comes later, however idle") {
        b2.set_graceful_shutdown();
        CHECK(order_bridges({&b2, &b1}, now).front() == &b1);
    }
    SUBCASE("otherwise the idler one is first") {
        CHECK(order_bridges({&b1, &b2}, now).front() == &b2);
    }
}

TEST_CASE_FIXTURE(Brewery, "who may be dead already is not the first choice, but keeps its calls") {
    Bridge& dead = add("dead", 0);
    Bridge& alive = add("alive", 0.5);
    dead.set_doubtful();
    CHECK(select().value() == &alive);
    CHECK(select({{&dead, 2, false, 0}}).value() == &dead);
    alive.set_failed(now);
    CHECK(select().value() == &dead);
    alive.set_operational();
    SUBCASE("until it speaks") { say(dead, "stress_level", "0", now); }
    SUBCASE("until its media port answers") { dead.set_media(Bridge::Media::alive); }
    SUBCASE("until it passes a health check") { dead.set_operational(); }
    CHECK(!dead.doubtful());
    CHECK(select().value() == &dead);
}

TEST_CASE_FIXTURE(Brewery, "the least loaded operational bridge is selected") {
    Bridge& jvb1 = add("jvb1", .1);
    Bridge& jvb2 = add("jvb2", .23);
    Bridge& jvb3 = add("jvb3", 0);
    CHECK(select().value() == &jvb3);
    say(jvb3, "stress_level", ".3", now);
    CHECK(select().value() == &jvb1);
    jvb1.set_failed(now);
    CHECK(select().value() == &jvb2);
    jvb2.set_failed(now);
    jvb3.set_failed(now);
    CHECK(select().error().what == "There are no operational bridges.");
    for (const auto& b : bridges) b->set_operational();
    now += seconds(60);
    say(jvb1, "stress_level", ".01", now);
    say(jvb2, "stress_level", "0", now);
    say(jvb3, "stress_level", ".01", now);
    CHECK(select().value() == &jvb2);
}

TEST_CASE_FIXTURE(Brewery, "without any bridge the reason is said") {
    CHECK(select().error().what ==
          "There are no operational bridges. None has joined the brewery.");
}

TEST_CASE_FIXTURE(Brewery, "shutting down excludes, drain and graceful shutdown only come second") {
    Bridge& jvb1 = add("jvb1", .1);
    Bridge& jvb2 = add("jvb2", .9);
    say(jvb1, "drain", "true", now);
    CHECK(select().value() == &jvb2);
    say(jvb2, "drain", "true", now);
    CHECK(select().value() == &jvb1);
    jvb1.set_graceful_shutdown();
    CHECK(select().value() == &jvb2);
    say(jvb2, "shutting_down", "true", now);
    CHECK(select().value() == &jvb1);
    say(jvb1, "shutting_down", "true", now);
    CHECK(select().error().what == "All operational bridges are SHUTTING_DOWN");
}

TEST_CASE_FIXTURE(Brewery, "the participant's region counts more than stress") {
    add("jvb1", .1, "eu");
    Bridge& far = add("jvb2", .95, "us");
    CHECK(select({}, "us").value() == &far);
    CHECK(select({}, "nowhere").value()->nick() == "jvb1");
}

TEST_CASE_FIXTURE(Brewery, "a conference stays on its bridge, overloaded or draining") {
    Bridge& jvb1 = add("jvb1", .95);
    add("jvb2", .0);
    say(jvb1, "drain", "true", now);
    CHECK(select({{&jvb1, 3}}).value() == &jvb1);
    SUBCASE("a failed one vanishes from the conference: another is selected") {
        jvb1.set_failed(now);
        CHECK(select({{&jvb1, 3}}).value()->nick() == "jvb2");
    }
}

TEST_CASE_FIXTURE(Brewery, "only bridges of one version share a conference") {
    Bridge& jvb1 = add("jvb1", .9, {}, "v1");
    Bridge& jvb2 = add("jvb2", .1, {}, "v2");
    CHECK(select({}, {}, "v1").value() == &jvb1);
    CHECK(select({}, {}, "v2").value() == &jvb2);
    CHECK(select({}, {}, "v3").error().what ==
          "There are no bridges with the required version: v3");
    CHECK(select({{&jvb1, 1}}, {}, "v2").error().what ==
          "An inconsistent version was requested: v2. Conference is using version: v1");
    config.allow_mixed_versions = true;
    CHECK(select({}, {}, "v1").value() == &jvb2);
}

TEST_CASE_FIXTURE(Brewery, "stress that is no number sorts last") {
    add("jvb1", .1);
    bridges.front()->apply([] {
        xmpp::BridgeStats stats;
        stats.add("average_participant_stress", "0.5");
        return stats;
    }(), now);
    for (int i = 0; i < 10; ++i) bridges.front()->allocation_attempted(now);
    Bridge& calm = add("jvb2", 3.0);
    CHECK(select().value() == &calm);
}

}  // namespace
}  // namespace jmeet::focus
