// The ICE-UDP transport element (XEP-0176) with DTLS fingerprints (XEP-0320), SCTP map
// (XEP-0343) and Jitsi's web-socket: in Jingle contents and inside COLIBRI2's transport.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "xmpp/element.hpp"

namespace jmeet::xmpp {

struct Candidate {
    std::string id;
    std::string foundation;
    std::uint32_t component = 1;
    std::uint32_t generation = 0;
    std::uint32_t network = 0;
    std::uint32_t priority = 0;
    std::string protocol = "udp";
    std::string type = "host";
    std::string ip;
    std::uint16_t port = 0;
    std::string rel_addr;
    std::optional<std::uint16_t> rel_port;
    std::string tcptype;
    bool operator==(const Candidate&) const = default;
};

struct Fingerprint {
    std::string hash = "sha-256";
    std::string setup;  // "actpass", "active", "passive"; may be empty
    std::string value;  // upper-case colon hex
    bool operator==(const Fingerprint&) const = default;
};

struct SctpMap {
    std::uint16_t number = 5000;
    std::string protocol = "webrtc-datachannel";
    std::uint32_t streams = 1024;
    bool operator==(const SctpMap&) const = default;
};

struct IceUdpTransport {
    std::string ufrag;
    std::string pwd;
    std::optional<std::uint32_t> ice_generation;  // Jitsi's in-place restart, 2026
    bool rtcp_mux = false;
    std::vector<std::string> web_sockets;  // URLs
    std::vector<Fingerprint> fingerprints;
    std::optional<SctpMap> sctp_map;
    std::vector<Candidate> candidates;
    bool operator==(const IceUdpTransport&) const = default;
};

// LIMIT: a client with many interfaces sends a few dozen candidates.
inline constexpr std::size_t kMaxCandidates = 64;

Result<IceUdpTransport> parse_ice_udp_transport(const Element& element);
// verbose_flags: Jingle copies carry required='false' cryptex='false' on fingerprints.
enum class FingerprintFlags { plain, explicit_false };
Element write_ice_udp_transport(const IceUdpTransport& transport, FingerprintFlags flags);

}  // namespace jmeet::xmpp
