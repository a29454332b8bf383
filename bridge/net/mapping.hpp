// Which addresses of this machine the bridge advertises: its interfaces, and the public addresses
// that the operator names in JVB_ADVERTISE_IPS (docker-jitsi-meet) for a 1:1 translation.
//
// Called at start from the control worker; the candidates themselves are made by
// make_local_candidates() in bridge/ice/candidate.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "bridge/ice/address.hpp"
#include "bridge/ice/candidate.hpp"

namespace jmeet::bridge {

// The names of ice4j.harvest.* in jvb.conf. An allow list, when not empty, wins over its block
// list. Addresses are literals.
struct InterfaceFilter {
    Allow ipv6 = Allow::yes;
    Allow link_local = Allow::no;
    // Loopback is taken when the machine has nothing else, or when this says so.
    Allow loopback = Allow::no;
    std::vector<std::string> allowed_interfaces;
    std::vector<std::string> blocked_interfaces;
    std::vector<std::string> allowed_addresses;
    std::vector<std::string> blocked_addresses;
};

struct InterfaceAddress {
    std::string interface;
    Address address;  // port 0
};

// Addresses of interfaces that are up, in the kernel's order.
std::vector<InterfaceAddress> list_interface_addresses();
// What the filter leaves of them; pure.
std::vector<Address> filter_addresses(const std::vector<InterfaceAddress>& all,
                                      const InterfaceFilter& filter);

// The address from which packets to the internet would leave; empty without a default route.
std::optional<Address> default_route_source(Family family);

struct AdvertisedIp {
    Address address;  // port 0: the media port
    bool operator==(const AdvertisedIp&) const = default;
};

// A comma list of `ip` or `ip#port`; blanks around items are ignored, empty items too. An error
// names the item and the fix. LIMIT: 16 items; every item is a candidate in every offer.
inline constexpr std::size_t kMaxAdvertisedIps = 16;
Result<std::vector<AdvertisedIp>> parse_advertise_ips(std::string_view list);

// Each advertised address becomes a mapping from the default route's source, or from the first
// host address where that is not among them.
std::vector<StaticMapping> make_mappings(const std::vector<AdvertisedIp>& advertised,
                                         const std::vector<Address>& hosts,
                                         const std::optional<Address>& default_source,
                                         std::uint16_t media_port);

// All of the above for this machine.
struct CandidateOptions {
    std::uint16_t port = 10'000;
    InterfaceFilter filter;
    std::string advertise_ips;             // JVB_ADVERTISE_IPS
    std::vector<StaticMapping> mappings;   // ice4j.harvest.mapping.static-mappings
};
Result<std::vector<LocalCandidate>> gather_candidates(const CandidateOptions& options);

}  // namespace jmeet::bridge
