// The options that a bridge takes, alone or embedded, under docker-jitsi-meet's names. Set-up only.
#pragma once

#include <string>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"
#include "bridge/config.hpp"
#include "bridge/control/brewery.hpp"

namespace jmeet::bridge {

std::vector<Option> bridge_options();

// This process's name in the brewery: the one that was given, or one made now.
std::string read_nickname(const Options& options);

Result<BridgeConfig> read_bridge_config(const Options& options, const std::string& nickname);
// A bridge that stands alone must be within somebody's reach.
Result<void> check_drivers(const Options& options);
// One per XMPP server; none where the bridge is driven over HTTP alone.
Result<std::vector<BreweryConfig>> read_brewery_configs(const Options& options,
                                                        const std::string& default_host,
                                                        const std::string& nickname);

}  // namespace jmeet::bridge
