#include "bridge/ice/address.hpp"

#include <doctest/doctest.h>

#include <unordered_set>

using namespace jmeet::bridge;

namespace {

Address at(std::string_view ip, std::uint16_t port = 10'000) {
    return Address::parse(ip, port).value_or(Address{});
}

}  // namespace

TEST_CASE("an address is parsed from a literal and written as one") {
    CHECK(at("192.0.2.1").to_string() == "192.0.2.1:10000");
    CHECK(at("2001:db8::1", 5).to_string() == "[2001:db8::1]:5");
    CHECK(at("192.0.2.1").is_v4());
    CHECK(at("2001:db8::1").is_v6());
    CHECK(Address::v4(0xc0000201, 10'000) == at("192.0.2.1"));
}

TEST_CASE("names, ports and nonsense are no literals") {
    for (const char* text : {"", "localhost", "a1b2.local", "1.2.3", "1.2.3.4:5", "1.2.3.4 ",
                             "::1%lo", "[::1]", "256.1.1.1",
                             "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"}) {
        CAPTURE(text);
        CHECK_FALSE(Address::parse(text, 1).has_value());
    }
}

TEST_CASE("a v4-mapped address is the IPv4 address") {
    CHECK(at("::ffff:127.0.0.1") == at("127.0.0.1"));
    CHECK(at("::ffff:127.0.0.1").is_loopback());
    CHECK(at("::ffff:127.0.0.1").hash() == at("127.0.0.1").hash());
}

TEST_CASE("addresses of any other length are empty") {
    const std::array<std::uint8_t, 16> bytes{1, 2, 3, 4, 5};
    for (std::size_t n = 0; n <= 16; ++n) {
        const Address a = Address::from_bytes(jmeet::BytesView(bytes).first(n), 1);
        CHECK((a.family() == Family::none) == (n != 4 && n != 16));
    }
}

TEST_CASE("private and link-local ranges end where they should") {
    CHECK(at("10.255.255.255").is_private());
    CHECK(at("172.16.0.1").is_private());
    CHECK(at("172.31.255.255").is_private());
    CHECK_FALSE(at("172.32.0.1").is_private());
    CHECK_FALSE(at("172.15.255.255").is_private());
    CHECK(at("192.168.1.1").is_private());
    CHECK(at("fd00::1").is_private());
    CHECK(at("fec0::1").is_private());
    CHECK_FALSE(at("fe80::1").is_private());
    CHECK(at("fe80::1").is_link_local());
    CHECK(at("169.254.169.254").is_link_local());
    CHECK_FALSE(at("2001:db8::1").is_private());
}

TEST_CASE("what can never be a participant is refused by policy") {
    const AddressPolicy policy;
    for (const char* text :
         {"0.0.0.0", "0.1.2.3", "::", "127.0.0.1", "127.8.9.10", "::1", "224.0.0.1",
          "239.255.255.255", "255.255.255.255", "240.0.0.1", "ff02::1", "169.254.169.254",
          "fe80::1", "::ffff:0.0.0.0", "::ffff:127.0.0.1", "::ffff:224.0.0.1"}) {
        CAPTURE(text);
        CHECK_FALSE(policy.accepts(at(text)));
    }
    for (const char* text : {"192.0.2.1", "10.0.0.1", "2001:db8::1", "fd00::1"}) {
        CAPTURE(text);
        CHECK(policy.accepts(at(text)));
        CHECK_FALSE(policy.accepts(at(text, 0)));
    }
    CHECK_FALSE(policy.accepts(Address{}));
}

TEST_CASE("loopback and link-local are accepted where the set-up says so") {
    const AddressPolicy policy{Allow::yes, Allow::yes};
    CHECK(policy.accepts(at("127.0.0.1")));
    CHECK(policy.accepts(at("::1")));
    CHECK(policy.accepts(at("fe80::1")));
    CHECK_FALSE(policy.accepts(at("0.0.0.0")));
    CHECK_FALSE(policy.accepts(at("::")));
}

TEST_CASE("equality and hash see address, port and family") {
    std::unordered_set<Address> set;
    for (std::uint16_t port = 1; port <= 1000; ++port) set.insert(at("192.0.2.1", port));
    set.insert(at("2001:db8::1", 1));
    CHECK(set.size() == 1001);
    CHECK(at("192.0.2.1", 1).same_ip(at("192.0.2.1", 2)));
    CHECK(at("192.0.2.1", 1) != at("192.0.2.1", 2));
    std::unordered_set<std::size_t> hashes;
    for (const Address& a : set) hashes.insert(a.hash());
    CHECK(hashes.size() == set.size());
}
