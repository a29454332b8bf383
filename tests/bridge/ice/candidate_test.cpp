#include "bridge/ice/candidate.hpp"

#include <doctest/doctest.h>

#include <set>

#include "bridge/ice/credentials.hpp"

using namespace jmeet::bridge;

namespace {

Address ip(std::string_view text, std::uint16_t port = 0) { return *Address::parse(text, port); }

}  // namespace

TEST_CASE("one address and its mapping get Jitsi's usual priorities") {
    const std::vector<Address> hosts{ip("10.0.0.5")};
    const std::vector<StaticMapping> mappings{{ip("10.0.0.5"), ip("203.0.113.7")}};
    const auto made = make_local_candidates(hosts, mappings, 10'000);
    REQUIRE(made.size() == 2);
    CHECK(made[0].type == CandidateType::host);
    CHECK(made[0].address == ip("10.0.0.5", 10'000));
    CHECK(made[0].priority == 2'130'706'431);
    CHECK(made[0].foundation == "1");
    CHECK(made[1].type == CandidateType::srflx);
    CHECK(made[1].address == ip("203.0.113.7", 10'000));
    CHECK(made[1].base == ip("10.0.0.5", 10'000));
    CHECK(made[1].priority == 1'694'498'815);
    CHECK(made[1].foundation == "2");
    CHECK(made[0].id != made[1].id);
}

TEST_CASE("with several addresses IPv6 comes before IPv4") {
    const std::vector<Address> hosts{ip("192.0.2.1"), ip("2001:db8::1"), ip("fe80::1")};
    const auto made = make_local_candidates(hosts, {}, 10'000);
    REQUIRE(made.size() == 3);
    CHECK(made[0].priority == candidate_priority(CandidateType::host, 10));
    CHECK(made[1].priority == candidate_priority(CandidateType::host, 40));
    CHECK(made[2].priority == candidate_priority(CandidateType::host, 30));
}

TEST_CASE("a mapping with ports applies to that port only and advertises the other") {
    const std::vector<Address> hosts{ip("172.18.0.5")};
    const std::vector<StaticMapping> mappings{{ip("172.18.0.5"), ip("1.2.3.4")},
                                              {ip("172.18.0.5", 10'000), ip("10.0.0.5", 12'000)}};
    const auto made = make_local_candidates(hosts, mappings, 10'000);
    REQUIRE(made.size() == 3);
    CHECK(made[1].address == ip("1.2.3.4", 10'000));
    CHECK(made[2].address == ip("10.0.0.5", 12'000));
    CHECK(make_local_candidates(hosts, mappings, 10'001).size() == 2);
}

TEST_CASE("mappings onto themselves, doubled ones and those of other addresses give nothing") {
    const std::vector<Address> hosts{ip("172.18.0.5"), ip("172.18.0.5")};
    const std::vector<StaticMapping> mappings{{ip("172.18.0.5"), ip("172.18.0.5")},
                                              {ip("172.18.0.5"), ip("1.2.3.4", 12'000)},
                                              {ip("172.18.0.5"), ip("1.2.3.4", 13'000)},
                                              {ip("172.18.0.6"), ip("1.2.3.5")}};
    const auto made = make_local_candidates(hosts, mappings, 10'000);
    REQUIRE(made.size() == 2);
    CHECK(made[1].address == ip("1.2.3.4", 12'000));
}

TEST_CASE("private candidates are left out and private bases are hidden when asked") {
    const std::vector<Address> hosts{ip("10.0.0.5")};
    const std::vector<StaticMapping> mappings{{ip("10.0.0.5"), ip("203.0.113.7")}};
    const auto shown = without_private(make_local_candidates(hosts, mappings, 10'000));
    REQUIRE(shown.size() == 1);
    CHECK(shown[0].address == ip("203.0.113.7", 10'000));
    CHECK(shown[0].base == ip("0.0.0.0", 9));
}

TEST_CASE("pair priorities follow the formula of RFC 8445") {
    CHECK(pair_priority(2, 1) == (1ull << 32) + 5);
    CHECK(pair_priority(1, 2) == (1ull << 32) + 4);
    CHECK(pair_priority(0xffffffff, 0xffffffff) == 0xffffffff00000000ull + 0x1fffffffeull);
}

TEST_CASE("candidate types have their wire names") {
    for (const char* name : {"host", "srflx", "prflx", "relay"}) {
        CHECK(to_string(*parse_candidate_type(name)) == name);
    }
    CHECK_FALSE(parse_candidate_type("tcp"));
    CHECK_FALSE(parse_candidate_type(""));
}

TEST_CASE("local credentials are well formed and unique at one instant") {
    std::set<std::string> ufrags;
    for (int i = 0; i < 2000; ++i) {
        const IceCredentials c = make_local_credentials(1'764'039'600'000);
        CHECK(well_formed(c));
        CHECK(c.pwd.size() == 26);
        ufrags.insert(c.ufrag);
    }
    CHECK(ufrags.size() == 2000);
    CHECK(make_local_credentials(1, "eu1").ufrag.starts_with("eu1"));
    CHECK(make_local_credentials(1, std::string(300, 'x')).ufrag.size() == kMaxUfrag);
}

TEST_CASE("credentials with wrong lengths or a colon are not well formed") {
    const std::string pwd(22, 'p');
    CHECK(well_formed({"abcd", pwd}));
    CHECK(well_formed({"ab+/", pwd}));
    CHECK_FALSE(well_formed({"abc", pwd}));
    CHECK_FALSE(well_formed({"ab:d", pwd}));
    CHECK_FALSE(well_formed({"abcd", pwd.substr(1)}));
    CHECK_FALSE(well_formed({std::string(257, 'u'), pwd}));
    CHECK_FALSE(well_formed({"abcd", std::string(257, 'p')}));
    CHECK_FALSE(well_formed({"", ""}));
}
