// ICE candidates: what the bridge advertises and what a peer says of itself (RFC 8445 section 5.1).
//
// One component, UDP, one port for everybody: local candidates are made once per process from the
// machine's addresses and the static mappings, and every agent advertises the same list. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bridge/ice/address.hpp"

namespace jmeet::bridge {

enum class CandidateType : std::uint8_t { host, srflx, prflx, relay };

// Wire names: host, srflx, prflx, relay.
std::string_view to_string(CandidateType type);
std::optional<CandidateType> parse_candidate_type(std::string_view name);

struct LocalCandidate {
    CandidateType type = CandidateType::host;
    Address address;
    Address base;             // equals address for host; the related address of srflx
    std::uint32_t priority = 0;
    std::string foundation;   // small decimal numbers
    std::string id;           // unique in this process
};

struct RemoteCandidate {
    CandidateType type = CandidateType::host;
    Address address;
    std::uint32_t priority = 0;
};

// A 1:1 translation outside: who sends to `outside` reaches `inside`.
struct StaticMapping {
    Address inside;                // the port is ignored unless it is not 0
    Address outside;               // port 0: the same port as inside
};

// type preference << 24 | local preference << 8 | 255 (component 1)
std::uint32_t candidate_priority(CandidateType type, std::uint16_t local_preference);

// RFC 8445 section 6.1.2.3
std::uint64_t pair_priority(std::uint32_t controlling, std::uint32_t controlled);

// Host candidates for these addresses on `port`, each followed by the srflx candidates of the
// mappings that fit it. A mapping onto itself and a second one with the same pair of addresses
// are left out, as Jitsi's own bridge does. Preferences as there: 65535 for a single address,
// otherwise 40 for IPv6 and 10 for IPv4 (link-local 30).
std::vector<LocalCandidate> make_local_candidates(std::span<const Address> hosts,
                                                  std::span<const StaticMapping> mappings,
                                                  std::uint16_t port);

// What a peer without private-address connectivity is told when private candidates are not to be
// advertised: private ones left out, a private base written as 0.0.0.0:9.
std::vector<LocalCandidate> without_private(std::span<const LocalCandidate> candidates);

}  // namespace jmeet::bridge
