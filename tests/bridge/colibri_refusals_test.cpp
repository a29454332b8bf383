// COLIBRI2 requests that are refused, and by which condition and reason.
#include "tests/bridge/handled_colibri.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

TEST_CASE("sctp that cannot be served is refused by its own condition") {
    HandledColibri f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    auto client = new_endpoint("b");
    client.transport->sctp = c2::Sctp{std::nullopt, "client"};
    check_refused(f.modify(request({client})), "feature-not-implemented", "");
    auto other_port = new_endpoint("c");
    other_port.transport->sctp = c2::Sctp{5001, std::nullopt};
    check_refused(f.modify(request({other_port})), "bad-request", "");
    f.config.sctp = false;
    auto any = new_endpoint("d");
    any.transport->sctp = c2::Sctp{};
    check_refused(f.modify(request({any})), "feature-not-implemented", "");
}

TEST_CASE("conference create and look-up errors") {
    HandledColibri f;
    check_refused(f.modify(request({new_endpoint("a")})), "item-not-found",
                  "conference_not_found");
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    check_refused(f.modify(create_request({new_endpoint("b")})), "conflict",
                  "conference_already_exists");
    auto other = create_request({});
    other.meeting_id = "other";
    other.name = "room@conference.meet.example.com/nick";
    check_refused(f.modify(other), "bad-request", "");
    other.name = "room@conference.meet.example.com";
    f.shutdown = ShutdownState::graceful_shutdown;
    check_refused(f.modify(other), "service-unavailable", "graceful_shutdown");
    // The final state does not refuse, as upstream.
    f.shutdown = ShutdownState::shutting_down;
    CHECK(f.modify(other).has_value());
}

TEST_CASE("existing conferences take endpoints during graceful shutdown") {
    HandledColibri f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    f.shutdown = ShutdownState::graceful_shutdown;
    CHECK(f.modify(request({new_endpoint("b")})).has_value());
}

TEST_CASE("endpoint create errors") {
    HandledColibri f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    check_refused(f.modify(request({new_endpoint("a")})), "conflict", "");
    auto no_transport = new_endpoint("b");
    no_transport.transport.reset();
    check_refused(f.modify(request({no_transport})), "bad-request", "");
    auto no_names = new_endpoint("c");
    no_names.capabilities.clear();
    check_refused(f.modify(request({no_names})), "bad-request", "");
}

TEST_CASE("the shape of a request is checked before its parts") {
    HandledColibri f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    const auto both = [&] {
        auto r = request({named("a")});
        r.relays.push_back({});
        return r;
    }();
    check_refused(f.modify(both), "feature-not-implemented", "feature_not_implemented");
    check_refused(f.modify(request({new_endpoint("b"), named("a")})), "feature-not-implemented",
                  "feature_not_implemented");
    auto relays = request({});
    relays.relays.resize(2);
    check_refused(f.modify(relays), "feature-not-implemented", "feature_not_implemented");
    auto relay = request({});
    relay.relays.resize(1);
    relay.relays[0].create = true;
    check_refused(f.modify(relay), "feature-not-implemented", "");
}

TEST_CASE("an update of an unknown endpoint names it, unless it is benign") {
    HandledColibri f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    auto update = named("gone");
    update.sources.emplace();
    const auto refused = f.modify(request({update}));
    check_refused(refused, "item-not-found", "unknown_endpoint");
    CHECK(refused.error().endpoint_id == "gone");

    auto mute_known = named("a");
    mute_known.force_mute = c2::ForceMute{true, false};
    auto mute_gone = named("gone");
    mute_gone.force_mute = c2::ForceMute{true, true};
    const auto answer = f.modify(request({mute_known, mute_gone}));
    REQUIRE(answer.has_value());
    CHECK(answer->endpoints.size() == 2);
    CHECK_FALSE(answer->sources);
    REQUIRE(f.media.updates.back().mute);
    CHECK(f.media.updates.back().mute->audio);
    CHECK_FALSE(f.media.updates.back().mute->video);
}

TEST_CASE("sources of a visitor and malformed groups are refused by their own condition") {
    HandledColibri f;
    auto visitor = new_endpoint("v");
    visitor.muc_role = "visitor";
    REQUIRE(f.modify(create_request({visitor})).has_value());
    auto update = named("v");
    update.sources.emplace();
    CHECK(f.modify(request({update})).has_value());
    c2::MediaSource source;
    source.type = "video";
    source.id = "v-v0";
    source.sources.push_back(source_of(1, "v-v0", "camera"));
    update.sources->push_back(source);
    check_refused(f.modify(request({update})), "bad-request", "");

    REQUIRE(f.modify(request({new_endpoint("b")})).has_value());
    auto broken = named("b");
    source.groups = {{"FID", {1}}};
    broken.sources = {source};
    check_refused(f.modify(request({broken})), "internal-server-error", "");
}

TEST_CASE("an endpoint that media gave up is unknown to the next update") {
    HandledColibri f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    REQUIRE(f.modify(request({new_endpoint("b")})).has_value());
    f.handler.on_endpoint_lost(f.media.endpoints[0].token, EndpointEnd::silent, f.now);
    CHECK(f.media.expired.size() == 1);
    auto update = named("a");
    update.sources.emplace();
    check_refused(f.modify(request({update})), "item-not-found", "unknown_endpoint");
    CHECK(f.handler.totals().endpoints_lost == 1);
}
