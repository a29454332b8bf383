#include "bridge/control/options.hpp"

#include <doctest/doctest.h>

#include "bridge/media_workers.hpp"
#include "xmpp/options.hpp"

using namespace jmeet;

namespace {

Options parse(const std::vector<std::string>& arguments,
              const Options::Environment& environment = {}) {
    auto table = xmpp::shared_options();
    for (auto& option : bridge::bridge_options()) table.push_back(std::move(option));
    return *Options::parse(table, arguments, environment);
}

}  // namespace

TEST_CASE("each process has a name of its own, and its channel URLs carry it") {
    const auto options = parse({"--jvb-ws-domain=meet.example.org"});
    const auto one = bridge::read_nickname(options);
    CHECK_FALSE(one.empty());
    CHECK(one != bridge::read_nickname(options));
    CHECK(bridge::read_bridge_config(options, one)->websocket_server_id == one);
    CHECK(bridge::read_nickname(parse({"--jvb-muc-nickname=jvb7"})) == "jvb7");
    CHECK(bridge::read_bridge_config(parse({"--jvb-ws-server-id=a/b"}), one).has_error());
}

TEST_CASE("docker's variables make the bridge's configuration") {
    const auto options = parse({}, {{"XMPP_DOMAIN", "meet.jitsi"},
                                    {"XMPP_SERVER", "main.example.org"},
                                    {"JVB_AUTH_USER", "jvb"},
                                    {"JVB_AUTH_PASSWORD", "secret"},
                                    {"JVB_PORT", "10001"},
                                    {"JVB_ADVERTISE_IPS", "203.0.113.7#12000"}});
    const auto config = bridge::read_bridge_config(options, "n");
    REQUIRE(config.has_value());
    CHECK(config->media_port == 10001);
    CHECK(config->advertise_addresses == std::vector<std::string>{"203.0.113.7#12000"});
    CHECK_FALSE(config->websockets);
    const auto breweries = bridge::read_brewery_configs(options, "unused", "n");
    REQUIRE(breweries.has_value());
    REQUIRE(breweries->size() == 1);
    CHECK(breweries->front().host == "main.example.org");
    CHECK(breweries->front().domain == "auth.meet.jitsi");
    CHECK(breweries->front().mucs ==
          std::vector<std::string>{"jvbbrewery@internal-muc.meet.jitsi"});
}

TEST_CASE("media is carried by one thread, by as many as are asked for, or by one for each core") {
    const auto workers = [](const std::vector<std::string>& arguments) {
        return bridge::read_bridge_config(parse(arguments), "n")->media_workers;
    };
    CHECK(workers({}) == 1);
    CHECK(workers({"--jvb-media-threads=3"}) == 3);
    const std::size_t cores = workers({"--jvb-media-threads=0"});
    CHECK(cores >= 1);
    CHECK(cores <= bridge::kMaxMediaWorkers);
}

TEST_CASE("what receivers are sent can be bounded: by size, by loudness, or not by their estimates") {
    const auto config = bridge::read_bridge_config(parse({}), "n");
    REQUIRE(config.has_value());
    CHECK(config->allocation.trust_bwe);
    CHECK(config->allocation.conference_last_n_limits.empty());
    CHECK_FALSE(config->loudest.route_loudest_only);
    CHECK(config->loudest.num_loudest == 3);

    const auto bounded = bridge::read_bridge_config(
        parse({"--jvb-route-loudest-only=1", "--jvb-num-loudest=5"},
              {{"JVB_CC_TRUST_BWE", "false"}, {"JVB_CONFERENCE_LAST_N_LIMITS", "20=10,50=-1"}}),
        "n");
    REQUIRE(bounded.has_value());
    CHECK_FALSE(bounded->allocation.trust_bwe);
    CHECK(bounded->allocation.conference_last_n_limits == std::map<int, int>{{20, 10}, {50, -1}});
    CHECK(bounded->loudest.route_loudest_only);
    CHECK(bounded->loudest.num_loudest == 5);

    for (const char* wrong : {"20", "20:10", "=5", "20=", "0=5", "20=-2", "20=5x", "a=5"}) {
        CAPTURE(wrong);
        const auto refused = bridge::read_bridge_config(
            parse({std::string("--jvb-conference-last-n-limits=") + wrong}), "n");
        REQUIRE(refused.has_error());
        CHECK(refused.error().what.find("JVB_CONFERENCE_LAST_N_LIMITS") != std::string::npos);
    }
}

TEST_CASE("a bridge without XMPP needs neither domain nor password, but somebody to drive it") {
    const auto alone = parse({}, {{"JVB_DISABLE_XMPP", "1"}});
    CHECK(bridge::check_drivers(alone).has_value());
    const auto breweries = bridge::read_brewery_configs(alone, "", "n");
    REQUIRE(breweries.has_value());
    CHECK(breweries->empty());
    for (const char* shut : {"--colibri-rest-enabled=0", "--jvb-http-port=0"}) {
        const auto refused = bridge::check_drivers(parse({"--jvb-disable-xmpp=1", shut}));
        REQUIRE(refused.has_error());
        CHECK(refused.error().what.find("nobody could drive") != std::string::npos);
    }
    // With XMPP both are the operator's choice.
    CHECK(bridge::check_drivers(parse({"--jvb-http-port=0"})).has_value());
}

TEST_CASE("without the bridges' password the start stops with the fix") {
    const auto refused = bridge::read_brewery_configs(parse({"--xmpp=a.org"}), "a.org", "n");
    REQUIRE(refused.has_error());
    CHECK(refused.error().what.find("JVB_AUTH_PASSWORD") != std::string::npos);
}
