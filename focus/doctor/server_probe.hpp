// How far one comes with an XMPP server before any login: name, port, stream, TLS.
//
// Plain blocking calls with time-outs: the doctor does one thing after the other and owns its
// thread. RFC 6120 4 (stream), 5 (STARTTLS).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace jmeet::doctor {

using std::chrono::milliseconds;

// Textual addresses of a name, or the resolver's sentence.
Result<std::vector<std::string>> resolve(const std::string& host);

struct Certificate {
    std::string subject;
    std::string issuer;
    std::string sha256;
    int days_left = 0;
    bool names_domain = false;
    std::string distrust;  // why this machine does not trust it; empty: it does
};

struct ServerProbe {
    enum class Reach : std::uint8_t {
        refused,       // nobody listens at that port
        silent,        // no answer in time
        unreachable,   // no way there
        no_xmpp,       // somebody answers, with something else
        host_unknown,  // an XMPP server that does not serve the domain
        served,
    };
    Reach reach = Reach::silent;
    std::string error;  // of the system or the server
    bool offers_tls = false;
    std::string tls_error;
    std::optional<Certificate> certificate;
};

// LIMIT: bytes that are read while waiting for the stream's features.
inline constexpr std::size_t kMaxStreamHead = 16 * 1024;

ServerProbe probe_server(const std::string& host, std::uint16_t port, const std::string& domain,
                         milliseconds patience);

}  // namespace jmeet::doctor
