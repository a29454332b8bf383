#include "bridge/net/mapping.hpp"

#include <doctest/doctest.h>

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

Address ip(std::string_view text, std::uint16_t port = 0) { return *Address::parse(text, port); }

const std::vector<InterfaceAddress> kMachine{
    {"lo", ip("127.0.0.1")},      {"eth0", ip("192.0.2.10")},   {"eth0", ip("2001:db8::10")},
    {"eth0", ip("fe80::1")},      {"docker0", ip("172.17.0.1")}, {"eth1", ip("10.0.0.5")},
    {"lo", ip("::1")},
};

std::string refusal(std::string_view list) {
    const auto parsed = parse_advertise_ips(list);
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error().what;
}

}  // namespace

TEST_CASE("by default everything that is up but loopback and link-local is taken") {
    const auto kept = filter_addresses(kMachine, {});
    CHECK(kept == std::vector<Address>{ip("192.0.2.10"), ip("2001:db8::10"), ip("172.17.0.1"),
                                       ip("10.0.0.5")});
}

TEST_CASE("lists of interfaces and addresses: the allow list wins") {
    InterfaceFilter filter;
    filter.blocked_interfaces = {"docker0"};
    filter.blocked_addresses = {"10.0.0.5"};
    CHECK(filter_addresses(kMachine, filter) ==
          std::vector<Address>{ip("192.0.2.10"), ip("2001:db8::10")});
    filter.allowed_interfaces = {"docker0"};
    CHECK(filter_addresses(kMachine, filter) == std::vector<Address>{ip("172.17.0.1")});
    filter.allowed_interfaces.clear();
    filter.allowed_addresses = {"10.0.0.5"};
    CHECK(filter_addresses(kMachine, filter) == std::vector<Address>{ip("10.0.0.5")});
}

TEST_CASE("families and link-local addresses follow their switches") {
    InterfaceFilter filter;
    filter.ipv6 = Allow::no;
    CHECK(filter_addresses(kMachine, filter).size() == 3);
    filter.ipv6 = Allow::yes;
    filter.link_local = Allow::yes;
    CHECK(filter_addresses(kMachine, filter).size() == 5);
}

TEST_CASE("loopback is taken when asked for, or when there is nothing else") {
    InterfaceFilter filter;
    filter.loopback = Allow::yes;
    CHECK(filter_addresses(kMachine, filter).size() == 6);
    const std::vector<InterfaceAddress> lonely{{"lo", ip("127.0.0.1")}};
    CHECK(filter_addresses(lonely, {}) == std::vector<Address>{ip("127.0.0.1")});
}

TEST_CASE("this machine has addresses, loopback among them") {
    const auto all = list_interface_addresses();
    bool loopback = false;
    for (const InterfaceAddress& item : all) {
        CHECK_FALSE(item.interface.empty());
        CHECK(item.address.port() == 0);
        loopback |= item.address.is_loopback();
    }
    CHECK(loopback);
}

TEST_CASE("JVB_ADVERTISE_IPS takes addresses with and without ports") {
    const auto parsed = parse_advertise_ips("1.2.3.4, 10.0.0.5#12000 ,2001:db8::7,,1.2.3.4,");
    REQUIRE(parsed.has_value());
    CHECK(*parsed == std::vector<AdvertisedIp>{{ip("1.2.3.4")},
                                               {ip("10.0.0.5", 12'000)},
                                               {ip("2001:db8::7")}});
    CHECK(parse_advertise_ips("")->empty());
    CHECK(parse_advertise_ips(" , ")->empty());
}

TEST_CASE("a wrong item is refused with its text and the option's name") {
    for (const char* item : {"example.org", "1.2.3.4:10000", "1.2.3.4#", "1.2.3.4#0",
                             "1.2.3.4#65536", "1.2.3.4#12x", "1.2.3.4#-1", "#12000", "0.0.0.0",
                             "224.0.0.1", "1.2.3"}) {
        const std::string what = refusal(std::string("5.6.7.8,") + item);
        CAPTURE(what);
        CHECK(what.find("JVB_ADVERTISE_IPS") != std::string::npos);
        CHECK(what.find(item) != std::string::npos);
    }
    std::string many;
    for (int i = 1; i <= 17; ++i) many += "10.0.0." + std::to_string(i) + ",";
    CHECK(refusal(many).find("10.0.0.17") != std::string::npos);
}

TEST_CASE("docker's example: one mapping for any port, one for the media port") {
    const auto parsed = parse_advertise_ips("1.2.3.4,10.0.0.5#12000");
    const std::vector<Address> hosts{ip("172.18.0.5")};
    const auto mappings = make_mappings(*parsed, hosts, ip("172.18.0.5"), 10'000);
    REQUIRE(mappings.size() == 2);
    CHECK(mappings[0].inside == ip("172.18.0.5"));
    CHECK(mappings[0].outside == ip("1.2.3.4"));
    CHECK(mappings[1].inside == ip("172.18.0.5", 10'000));
    CHECK(mappings[1].outside == ip("10.0.0.5", 12'000));
    const auto candidates = make_local_candidates(hosts, mappings, 10'000);
    REQUIRE(candidates.size() == 3);
    CHECK(candidates[1].address == ip("1.2.3.4", 10'000));
    CHECK(candidates[2].address == ip("10.0.0.5", 12'000));
}

TEST_CASE("mappings start at the default route's source, else at the first address") {
    const std::vector<Address> hosts{ip("10.0.0.1"), ip("10.0.0.2")};
    const std::vector<AdvertisedIp> ips{{ip("1.2.3.4")}};
    CHECK(make_mappings(ips, hosts, ip("10.0.0.2"), 1)[0].inside == ip("10.0.0.2"));
    CHECK(make_mappings(ips, hosts, ip("10.9.9.9"), 1)[0].inside == ip("10.0.0.1"));
    CHECK(make_mappings(ips, hosts, {}, 1)[0].inside == ip("10.0.0.1"));
    CHECK(make_mappings(ips, {}, {}, 1).empty());
}

TEST_CASE("candidates of this machine carry the advertised address") {
    CandidateOptions options;
    options.port = 10'007;
    options.advertise_ips = "203.0.113.7";
    options.filter.loopback = Allow::yes;
    const auto candidates = gather_candidates(options);
    REQUIRE(candidates.has_value());
    std::size_t mapped = 0;
    for (const LocalCandidate& c : *candidates) {
        CHECK(c.address.port() == 10'007);
        mapped += c.type == CandidateType::srflx && c.address == ip("203.0.113.7", 10'007);
    }
    CHECK(mapped == 1);
    options.advertise_ips = "nonsense";
    CHECK_FALSE(gather_candidates(options).has_value());
    options.advertise_ips.clear();
    options.filter.allowed_interfaces = {"no such interface"};
    CHECK_FALSE(gather_candidates(options).has_value());
}
