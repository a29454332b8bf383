// The options that tell where the XMPP server is and what its domains are called: names of
// docker-jitsi-meet, shared by the focus and by bridges. Set-up only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"

namespace jmeet::xmpp {

// --role, --xmpp, logs, the XMPP server and its domains, the bridges' account.
std::vector<Option> shared_options();

// The domains of one installation; those not given follow from XMPP_DOMAIN.
struct Domains {
    std::string main;          // DOMAIN
    std::string auth;          // auth.DOMAIN
    std::string muc;           // muc.DOMAIN
    std::string internal_muc;  // internal-muc.DOMAIN
    std::string brewery;       // jvbbrewery@internal-muc.DOMAIN
};
// Refuses when --xmpp and XMPP_DOMAIN contradict each other or neither is given.
Result<Domains> read_domains(const Options& options);

struct Server {
    std::string host;
    std::uint16_t port = 5222;
};
// XMPP_SERVER: one host[:port] or several, separated by commas; default_host without one.
Result<std::vector<Server>> read_servers(const Options& options, const std::string& default_host);

}  // namespace jmeet::xmpp
