#include "bridge/ice/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// LIMIT: the longest literal, INET6_ADDRSTRLEN with its zero.
constexpr std::size_t kMaxLiteral = INET6_ADDRSTRLEN;

std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15;
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9;
    return x ^ (x >> 32);
}

}  // namespace

Address Address::v4(std::uint32_t ip, std::uint16_t port) {
    std::array<std::uint8_t, 4> bytes{};
    store_be32(bytes.data(), ip);
    return from_bytes(bytes, port);
}

Address Address::from_bytes(BytesView ip, std::uint16_t port) {
    Address a;
    if (ip.size() == 16 && std::ranges::equal(ip.first(12), kMappedPrefix)) ip = ip.subspan(12);
    if (ip.size() != 4 && ip.size() != 16) return a;
    std::ranges::copy(ip, a.ip_.begin());
    a.family_ = ip.size() == 4 ? Family::ipv4 : Family::ipv6;
    a.port_ = port;
    return a;
}

std::optional<Address> Address::parse(std::string_view ip, std::uint16_t port) {
    if (ip.empty() || ip.size() >= kMaxLiteral) return {};
    std::array<char, kMaxLiteral> text{};
    std::ranges::copy(ip, text.begin());
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET, text.data(), bytes.data()) == 1) {
        return from_bytes(BytesView(bytes).first(4), port);
    }
    if (inet_pton(AF_INET6, text.data(), bytes.data()) == 1) return from_bytes(bytes, port);
    return {};
}

Address Address::with_port(std::uint16_t port) const {
    Address a = *this;
    a.port_ = port;
    return a;
}

BytesView Address::ip() const {
    if (is_v4()) return BytesView(ip_).first(4);
    if (is_v6()) return ip_;
    return {};
}

bool Address::same_ip(const Address& other) const {
    return family_ == other.family_ && ip_ == other.ip_;
}

bool Address::is_unspecified() const {
    return std::ranges::all_of(ip(), [](std::uint8_t b) { return b == 0; });
}

bool Address::is_loopback() const {
    if (is_v4()) return ip_[0] == 127;
    return is_v6() && ip_[15] == 1 &&
           std::all_of(ip_.begin(), ip_.end() - 1, [](std::uint8_t b) { return b == 0; });
}

bool Address::is_multicast() const {
    if (is_v4()) return (ip_[0] & 0xf0) == 0xe0 || load_be32(ip_.data()) == 0xffffffff;
    return is_v6() && ip_[0] == 0xff;
}

bool Address::is_link_local() const {
    if (is_v4()) return ip_[0] == 169 && ip_[1] == 254;
    return is_v6() && ip_[0] == 0xfe && (ip_[1] & 0xc0) == 0x80;
}

bool Address::is_private() const {
    if (is_v4()) {
        return ip_[0] == 10 || (ip_[0] == 172 && (ip_[1] & 0xf0) == 16) ||
               (ip_[0] == 192 && ip_[1] == 168);
    }
    if (!is_v6()) return false;
    return (ip_[0] & 0xfe) == 0xfc || (ip_[0] == 0xfe && (ip_[1] & 0xc0) == 0xc0);
}

std::string Address::ip_string() const {
    if (family_ == Family::none) return {};
    std::array<char, kMaxLiteral> text{};
    inet_ntop(is_v4() ? AF_INET : AF_INET6, ip_.data(), text.data(), text.size());
    return text.data();
}

std::string Address::to_string() const {
    std::string ip = ip_string();
    if (is_v6()) ip = "[" + ip + "]";
    return ip + ":" + std::to_string(port_);
}

std::size_t Address::hash() const {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, ip_.data(), 8);
    std::memcpy(&low, ip_.data() + 8, 8);
    return mix(high ^ mix(low ^ (std::uint64_t{port_} << 8) ^ static_cast<std::uint8_t>(family_)));
}

bool AddressPolicy::accepts(const Address& a) const {
    if (a.family() == Family::none || a.port() == 0) return false;
    if (a.is_unspecified() || a.is_multicast()) return false;
    // 0.0.0.0/8 is "this host", 240.0.0.0/4 is reserved (RFC 6890).
    if (a.is_v4() && (a.ip()[0] == 0 || a.ip()[0] >= 240)) return false;
    if (a.is_loopback() && loopback == Allow::no) return false;
    return !a.is_link_local() || link_local == Allow::yes;
}

}  // namespace jmeet::bridge
