// Address: one IPv4 or IPv6 transport address as a small value, and AddressPolicy: which of them
// the bridge talks to.
//
// A v4-mapped IPv6 address (::ffff:a.b.c.d) becomes the IPv4 address that it stands for, so that
// nothing passes a check in another dress. The IPv6 scope id is not kept: link-local addresses
// are refused unless the policy allows them. Values; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace jmeet::bridge {

enum class Family : std::uint8_t { none, ipv4, ipv6 };

class Address {
 public:
    Address() = default;
    // host order: 0x7f000001 is 127.0.0.1
    static Address v4(std::uint32_t ip, std::uint16_t port);
    // 4 or 16 bytes in network order; anything else gives an empty address
    static Address from_bytes(BytesView ip, std::uint16_t port);
    // A literal only ("1.2.3.4", "2001:db8::1"), never a name; empty for anything else.
    static std::optional<Address> parse(std::string_view ip, std::uint16_t port);

    Family family() const { return family_; }
    bool is_v4() const { return family_ == Family::ipv4; }
    bool is_v6() const { return family_ == Family::ipv6; }
    std::uint16_t port() const { return port_; }
    Address with_port(std::uint16_t port) const;
    // 4, 16 or 0 bytes in network order
    BytesView ip() const;
    bool same_ip(const Address& other) const;

    bool is_unspecified() const;
    bool is_loopback() const;
    bool is_multicast() const;  // and the IPv4 broadcast address
    bool is_link_local() const;
    // RFC 1918, fc00::/7, fec0::/10
    bool is_private() const;

    std::string ip_string() const;
    std::string to_string() const;  // "1.2.3.4:5" or "[::1]:5"

    bool operator==(const Address&) const = default;
    auto operator<=>(const Address&) const = default;
    std::size_t hash() const;

 private:
    std::array<std::uint8_t, 16> ip_{};  // an IPv4 address is in the first four bytes
    std::uint16_t port_ = 0;
    Family family_ = Family::none;
    std::uint8_t zero_ = 0;
};
static_assert(sizeof(Address) == 20);

enum class Allow : std::uint8_t { no, yes };

// Refuses what can never be a participant: no address, port 0, unspecified (0.0.0.0/8 and ::
// reach the own machine on many systems), multicast, broadcast, reserved (240/4).
struct AddressPolicy {
    Allow loopback = Allow::no;  // tests and benchmarks on one machine
    Allow link_local = Allow::no;

    bool accepts(const Address& address) const;
};

}  // namespace jmeet::bridge

template <>
struct std::hash<jmeet::bridge::Address> {
    std::size_t operator()(const jmeet::bridge::Address& a) const noexcept { return a.hash(); }
};
