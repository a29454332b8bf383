// The key set that a bridge publishes, in presence and as /colibri/stats: JVB's names and order.
//
// Control thread; values. Keys of what this bridge has not (relays, visitors' exports) are there
// with zero: dashboards and autoscalers ask for them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bridge/bridge.hpp"
#include "xmpp/jitsi_stats.hpp"

namespace jmeet::bridge {

using StatisticValue = std::variant<bool, std::uint64_t, double, std::string>;
using Statistics = std::vector<std::pair<std::string, StatisticValue>>;

// XMPP environments of this process, and how many are in their brewery.
struct MucClients {
    std::size_t configured = 0;
    std::size_t connected = 0;
    std::size_t joined = 0;
};

Statistics make_statistics(const Bridge& bridge, const MucClients& clients);
xmpp::BridgeStats to_presence(const Statistics& statistics);
std::string to_json(const Statistics& statistics);

}  // namespace jmeet::bridge
