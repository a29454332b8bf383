// The options that a bridge takes, alone or embedded, and the XMPP names that it shares with the
// focus: names of docker-jitsi-meet. Set-up only.
#pragma once

#include <string>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"
#include "bridge/config.hpp"
#include "bridge/control/brewery.hpp"

namespace jmeet::bridge {

// --role, --xmpp, logs, the XMPP server and its domains, the bridge's account.
std::vector<Option> shared_options();
std::vector<Option> bridge_options();

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

Result<BridgeConfig> read_bridge_config(const Options& options);
// One per XMPP server.
Result<std::vector<BreweryConfig>> read_brewery_configs(const Options& options,
                                                        const std::string& default_host);

}  // namespace jmeet::bridge
