#include "bridge/net/mapping.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.hpp"
#include "bridge/net/socket_address.hpp"

namespace jmeet::bridge {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::ranges::find(list, item) != list.end();
}

bool contains_ip(const std::vector<std::string>& list, const Address& address) {
    return std::ranges::any_of(list, [&](const std::string& text) {
        const auto literal = Address::parse(text, 0);
        return literal && literal->same_ip(address);
    });
}

bool passes_lists(const InterfaceAddress& item, const InterfaceFilter& filter) {
    const bool by_name = filter.allowed_interfaces.empty()
                             ? !contains(filter.blocked_interfaces, item.interface)
                             : contains(filter.allowed_interfaces, item.interface);
    const bool by_address = filter.allowed_addresses.empty()
                                ? !contains_ip(filter.blocked_addresses, item.address)
                                : contains_ip(filter.allowed_addresses, item.address);
    return by_name && by_address;
}

bool is_usable(const InterfaceAddress& item, const InterfaceFilter& filter) {
    const Address& a = item.address;
    if (a.family() == Family::none || a.is_unspecified() || a.is_multicast()) return false;
    if (a.is_v6() && filter.ipv6 == Allow::no) return false;
    if (a.is_link_local() && filter.link_local == Allow::no) return false;
    return passes_lists(item, filter);
}

Error bad_item(std::string_view item, std::string_view why) {
    return fail("JVB_ADVERTISE_IPS: '" + std::string(item) + "' " + std::string(why) +
                "; write addresses as 203.0.113.7 or 203.0.113.7#12000, separated by commas");
}

Result<AdvertisedIp> parse_item(std::string_view item) {
    const std::size_t hash = item.find('#');
    std::uint16_t port = 0;
    if (hash != std::string_view::npos) {
        const std::string_view digits = trimmed(item.substr(hash + 1));
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (error != std::errc() || end != digits.data() + digits.size() || port == 0) {
            return bad_item(item, "has no port from 1 to 65535 after #");
        }
    }
    const auto address = Address::parse(trimmed(item.substr(0, hash)), port);
    if (!address) return bad_item(item, "is not an IP address (names are not resolved)");
    if (address->is_unspecified() || address->is_multicast()) {
        return bad_item(item, "is no address that anybody can send to");
    }
    return AdvertisedIp{*address};
}

}  // namespace

std::vector<InterfaceAddress> list_interface_addresses() {
    std::vector<InterfaceAddress> found;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return found;
    for (const ifaddrs* i = list; i != nullptr; i = i->ifa_next) {
        if (i->ifa_addr == nullptr || !(i->ifa_flags & IFF_UP)) continue;
        const int family = i->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        const socklen_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        sockaddr_storage storage{};
        std::memcpy(&storage, i->ifa_addr, length);
        found.push_back({i->ifa_name, from_sockaddr(storage, length).with_port(0)});
    }
    freeifaddrs(list);
    return found;
}

std::vector<Address> filter_addresses(const std::vector<InterfaceAddress>& all,
                                      const InterfaceFilter& filter) {
    std::vector<Address> kept;
    std::vector<Address> loopback;
    for (const InterfaceAddress& item : all) {
        if (!is_usable(item, filter)) continue;
        (item.address.is_loopback() ? loopback : kept).push_back(item.address);
    }
    if (kept.empty() || filter.loopback == Allow::yes) {
        kept.insert(kept.end(), loopback.begin(), loopback.end());
    }
    return kept;
}

// Connecting a UDP socket picks the route and the source; nothing is sent.
std::optional<Address> default_route_source(Family family) {
    const auto outside = Address::parse(family == Family::ipv6 ? "2001:4860:4860::8888" : "8.8.8.8",
                                        53);
    const int fd = socket(family == Family::ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC,
                          0);
    if (fd < 0) return {};
    sockaddr_storage storage{};
    socklen_t length = to_sockaddr(*outside, storage);
    std::optional<Address> source;
    if (connect(fd, reinterpret_cast<const sockaddr*>(&storage), length) == 0) {
        length = sizeof storage;
        if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) == 0) {
            source = from_sockaddr(storage, length).with_port(0);
        }
    }
    close(fd);
    return source;
}

Result<std::vector<AdvertisedIp>> parse_advertise_ips(std::string_view list) {
    std::vector<AdvertisedIp> parsed;
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view item = trimmed(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
        if (item.empty()) continue;
        const Result<AdvertisedIp> one = parse_item(item);
        if (!one) return one.error();
        if (std::ranges::find(parsed, *one) != parsed.end()) continue;
        if (parsed.size() == kMaxAdvertisedIps) return bad_item(item, "is one too many (16)");
        parsed.push_back(*one);
    }
    return parsed;
}

std::vector<StaticMapping> make_mappings(const std::vector<AdvertisedIp>& advertised,
                                         const std::vector<Address>& hosts,
                                         const std::optional<Address>& default_source,
                                         std::uint16_t media_port) {
    std::vector<StaticMapping> mappings;
    if (hosts.empty()) return mappings;
    const auto is_source = [&](const Address& h) {
        return default_source && h.same_ip(*default_source);
    };
    const auto face = std::ranges::find_if(hosts, is_source);
    const Address inside = face == hosts.end() ? hosts.front() : *face;
    for (const AdvertisedIp& item : advertised) {
        const std::uint16_t port = item.address.port() == 0 ? std::uint16_t{0} : media_port;
        mappings.push_back({inside.with_port(port), item.address});
    }
    return mappings;
}

Result<std::vector<LocalCandidate>> gather_candidates(const CandidateOptions& options) {
    const auto advertised = parse_advertise_ips(options.advertise_ips);
    if (!advertised) return advertised.error();
    const std::vector<Address> hosts =
        filter_addresses(list_interface_addresses(), options.filter);
    if (hosts.empty()) {
        return fail("no address for the media port is left: check the allowed and blocked "
                    "interfaces and addresses of ice4j.harvest");
    }
    std::vector<StaticMapping> mappings = options.mappings;
    const auto more =
        make_mappings(*advertised, hosts, default_route_source(Family::ipv4), options.port);
    mappings.insert(mappings.end(), more.begin(), more.end());
    return make_local_candidates(hosts, mappings, options.port);
}

}  // namespace jmeet::bridge
