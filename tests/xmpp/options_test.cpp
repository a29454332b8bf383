#include "xmpp/options.hpp"

#include <doctest/doctest.h>

using namespace jmeet;

namespace {

Options parse(const std::vector<std::string>& arguments,
              const Options::Environment& environment = {}) {
    return *Options::parse(xmpp::shared_options(), arguments, environment);
}

}  // namespace

TEST_CASE("domains follow from the one domain, and each may be given") {
    const auto all = xmpp::read_domains(parse({"--xmpp=meet.example.org"}));
    REQUIRE(all.has_value());
    CHECK(all->main == "meet.example.org");
    CHECK(all->auth == "auth.meet.example.org");
    CHECK(all->muc == "muc.meet.example.org");
    CHECK(all->brewery == "jvbbrewery@internal-muc.meet.example.org");

    const auto given = xmpp::read_domains(
        parse({}, {{"XMPP_DOMAIN", "a.org"},
                   {"XMPP_AUTH_DOMAIN", "accounts.a.org"},
                   {"XMPP_MUC_DOMAIN", "conference.a.org"},
                   {"XMPP_INTERNAL_MUC_DOMAIN", "internal.auth.a.org"},
                   {"JVB_BREWERY_MUC", "JvbBrewery"}}));
    REQUIRE(given.has_value());
    CHECK(given->auth == "accounts.a.org");
    CHECK(given->muc == "conference.a.org");
    CHECK(given->brewery == "JvbBrewery@internal.auth.a.org");
}

TEST_CASE("a missing or contradictory domain is a sentence with the fix") {
    CHECK(xmpp::read_domains(parse({})).error().what ==
          "the domain is missing: start with --xmpp=<DOMAIN>, or set XMPP_DOMAIN");
    CHECK(xmpp::read_domains(parse({"--xmpp=a.org"}, {{"XMPP_DOMAIN", "b.org"}})).error().what ==
          "--xmpp=a.org contradicts --xmpp-domain / XMPP_DOMAIN=b.org: give one of them, or the "
          "same domain");
}

TEST_CASE("servers are hosts with or without a port") {
    const auto servers = xmpp::read_servers(
        parse({"--xmpp-server=one.org,two.org:6222,10.0.0.1:5223", "--xmpp-port=5555"}), "unused");
    REQUIRE(servers.has_value());
    REQUIRE(servers->size() == 3);
    CHECK(servers->at(0).host == "one.org");
    CHECK(servers->at(0).port == 5555);
    CHECK(servers->at(1).port == 6222);
    CHECK(servers->at(2).host == "10.0.0.1");
    CHECK(xmpp::read_servers(parse({}), "fallback")->front().host == "fallback");
    CHECK(xmpp::read_servers(parse({"--xmpp-server=fd00::1"}), "")->front().host == "fd00::1");
    CHECK(xmpp::read_servers(parse({"--xmpp-server=one.org:many"}), "").has_error());
}
