#include "focus/options.hpp"

#include <doctest/doctest.h>

#include "xmpp/options.hpp"

namespace jmeet::focus {
namespace {

FocusConfig conf(const std::vector<std::string>& arguments,
                 const Options::Environment& environment = {}) {
    auto table = xmpp::shared_options();
    for (auto& option : focus_options()) table.push_back(std::move(option));
    std::vector<std::string> all{"--xmpp=meet.test", "--jicofo-auth-password=secret"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return read_focus_config(Options::parse(table, all, environment).value()).value();
}

TEST_CASE("SCTP is offered, unless JVBs without it are to be served") {
    CHECK(conf({}).sctp_enabled);
    CHECK(!conf({"--sctp=off"}).sctp_enabled);
    CHECK(!conf({}, {{"JICOFO_ENABLE_SCTP", "0"}}).sctp_enabled);
}

TEST_CASE("without a component secret the focus is behind mod_client_proxy") {
    const auto proxied = conf({}).xmpp;
    CHECK(proxied.client_proxy == "focus.meet.test");
    CHECK(proxied.component_domain.empty());
    const auto component = conf({"--jicofo-component-secret=s"}).xmpp;
    CHECK(component.client_proxy.empty());
    CHECK(component.component_domain == "focus.meet.test");
}

TEST_CASE("selection is set by docker-jitsi-meet's names, numbers in quotes included") {
    const BridgeConfig standard = conf({}).bridge;
    CHECK(standard.selection_strategy == "SingleBridgeSelectionStrategy");
    CHECK(standard.max_participants == 80);
    CHECK(standard.max_participants_per_interval == -1);
    CHECK(standard.max_participants_interval == seconds(60));
    CHECK(!standard.local_region.has_value());
    CHECK(standard.region_groups.empty());
    const BridgeConfig set =
        conf({}, {{"OCTO_BRIDGE_SELECTION_STRATEGY", "RegionBasedBridgeSelectionStrategy"},
                  {"MAX_BRIDGE_PARTICIPANTS", "100"},
                  {"JICOFO_OCTO_REGION", "eu-west"},
                  {"JICOFO_BRIDGE_REGION_GROUPS", R"(["eu-west","eu-central"],["us-east"])"},
                  {"JICOFO_ENABLE_ICE_FAILURE_DETECTION", "1"},
                  {"JICOFO_ICE_FAILURE_INTERVAL", "90"}})
            .bridge;
    CHECK(set.selection_strategy == "RegionBasedBridgeSelectionStrategy");
    CHECK(set.max_participants == 100);
    CHECK(set.local_region == "eu-west");
    CHECK(set.region_groups.size() == 2);
    CHECK(set.ice_failure_detection);
    CHECK(set.ice_failure_interval == seconds(90));
    CHECK(!set.several_bridges);
}

TEST_CASE("the HTTP port is this host's alone, unless REST is enabled or an address is given") {
    const auto address = [](const Options::Environment& environment) {
        auto table = xmpp::shared_options();
        for (auto& option : focus_options()) table.push_back(std::move(option));
        return read_http_address(Options::parse(table, {}, environment).value());
    };
    CHECK(address({}) == "127.0.0.1");
    CHECK(address({{"JICOFO_ENABLE_REST", "1"}}) == "0.0.0.0");
    CHECK(address({{"JICOFO_ENABLE_REST", "true"}}) == "0.0.0.0");
    CHECK(address({{"JICOFO_ENABLE_REST", "1"}, {"JICOFO_HTTP_ADDRESS", "10.0.0.1"}}) ==
          "10.0.0.1");
    CHECK(address({{"JICOFO_HTTP_ADDRESS", "::"}}) == "::");
}

TEST_CASE("what the HTTP port answers: everything, unless switched off one by one") {
    const FocusConfig standard = conf({});
    CHECK(standard.health.enabled);
    CHECK(standard.rest.prometheus);
    CHECK(standard.rest.conference_request);
    CHECK(standard.rest.move_endpoints);
    CHECK(standard.rest.debug);
    CHECK(standard.rest.pin);
    const FocusConfig closed =
        conf({"--jicofo-rest-debug=off", "--jicofo-rest-pin=off"},
             {{"JICOFO_ENABLE_HEALTH_CHECKS", "0"}, {"JICOFO_REST_MOVE_ENDPOINTS", "0"}});
    CHECK(!closed.health.enabled);
    CHECK(!closed.rest.debug);
    CHECK(!closed.rest.pin);
    CHECK(!closed.rest.move_endpoints);
    CHECK(closed.rest.prometheus);
    CHECK(closed.rest.conference_request);
}

TEST_CASE("the delays of source signalling") {
    const auto delays = conf({}, {{"JICOFO_CONF_SOURCE_SIGNALING_DELAYS",
                                   "{ 50 = 500, \"100\" : 1000 }"}})
                            .conference.source_signaling_delays;
    CHECK(delays == std::map<int, milliseconds>{{50, milliseconds(500)},
                                                {100, milliseconds(1000)}});
    CHECK_THROWS(conf({"--source-signaling-delays=50"}));
    CHECK_THROWS(conf({"--source-signaling-delays={a=b}"}));
}

TEST_CASE("groups of SSRCs are limited as SSRCs unless said otherwise") {
    CHECK(conf({"--max-ssrcs-per-user=7"}).conference.max_ssrc_groups_per_user == 7);
    CHECK(conf({"--max-ssrcs-per-user=7", "--max-ssrc-groups-per-user=3"})
              .conference.max_ssrc_groups_per_user == 3);
}

TEST_CASE("authentication by docker-jitsi-meet's names") {
    using Type = AuthConfig::Type;
    const AuthConfig none = conf({}).auth;
    CHECK(none.type == Type::none);
    CHECK(none.lifetime == std::chrono::hours(24));
    CHECK(none.auto_login);
    const AuthConfig internal = conf({}, {{"ENABLE_AUTH", "1"}, {"AUTH_TYPE", "internal"}}).auth;
    CHECK(internal.type == Type::xmpp);
    CHECK(internal.domain == "meet.test");
    CHECK(conf({}, {{"ENABLE_AUTH", "1"}, {"AUTH_TYPE", "jwt"}}).auth.type == Type::jwt);
    CHECK(conf({}, {{"ENABLE_AUTH", "1"}, {"JICOFO_ENABLE_AUTH", "0"}}).auth.type == Type::none);
    CHECK(conf({}, {{"ENABLE_AUTH", "1"}, {"AUTH_TYPE", "jwt"}, {"JICOFO_AUTH_TYPE", "ldap"}})
              .auth.type == Type::xmpp);
    const AuthConfig set = conf({"--auth=1"}, {{"ENABLE_AUTO_LOGIN", "0"},
                                             {"JICOFO_AUTH_LIFETIME", "5 minutes"}})
                               .auth;
    CHECK(!set.auto_login);
    CHECK(set.lifetime == std::chrono::minutes(5));
}

}  // namespace
}  // namespace jmeet::focus
