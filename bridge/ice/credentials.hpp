// User fragment and password of one ICE agent (RFC 8445 section 5.3).
//
// One UDP port serves every conference and the ufrag alone picks the agent, so it must be unique
// in the process: random bits and the time in base 32, as Jitsi's bridge writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jmeet::bridge {

// LIMIT: 256 characters, RFC 8839 section 5.4.
inline constexpr std::size_t kMaxUfrag = 256;
inline constexpr std::size_t kMaxPassword = 256;

struct IceCredentials {
    std::string ufrag;
    std::string pwd;

    bool operator==(const IceCredentials&) const = default;
};

// Lengths (ufrag 4-256, pwd 22-256) and the ice-char alphabet.
bool well_formed(const IceCredentials& credentials);

// 40 random bits and the time for the ufrag, 128 random bits for the password. `prefix` is the
// configured videobridge.ice.ufrag-prefix.
IceCredentials make_local_credentials(std::uint64_t epoch_ms, std::string_view prefix = {});

// Unpredictable bytes from the operating system's generator.
std::uint64_t random_u64();

}  // namespace jmeet::bridge
