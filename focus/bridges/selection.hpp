// Which bridge a participant goes to: order, filters, and one strategy per file.
//
// Pure: bridges and a time point in, a bridge and a reason out. Control thread. The behaviour is
// Jicofo's BridgeSelector; a conference gets a second bridge only with several_bridges.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "focus/bridges/bridge.hpp"

namespace jmeet::focus {

struct ParticipantProperties {
    std::optional<std::string> region;
    bool visitor = false;
    std::string to_string() const;
};

// A bridge that the conference already uses, in the order of first use.
struct ConferenceBridge {
    Bridge* bridge = nullptr;
    int participants = 0;
    bool visitor = false;    // its first endpoint is one
    int recently_added = 0;  // by this conference, within max_participants_interval
};

// The conference has just sent so many there that others come first.
inline bool joined_too_fast(const ConferenceBridge& use, const BridgeConfig& config) {
    return config.max_participants_per_interval > 0 &&
           use.recently_added >= config.max_participants_per_interval;
}

using BridgePointers = std::vector<Bridge*>;

// One way to choose among candidates (already filtered, best first).
class SelectionStrategy {
 public:
    virtual ~SelectionStrategy() = default;
    // nullptr: none of them.
    virtual Bridge* select(const BridgePointers& candidates,
                           const std::vector<ConferenceBridge>& conference,
                           const ParticipantProperties& participant, TimePoint now) = 0;
    virtual std::string name() const = 0;
};

// By the configured name: the simple class name with or without "org.jitsi.jicofo.bridge." before
// it. The configuration outlives the strategy.
Result<std::unique_ptr<SelectionStrategy>> make_strategy(const BridgeConfig& config);
// The settings that want more than one bridge per conference: one sentence for the log, or empty.
std::string needs_relays(const BridgeConfig& config);

// Operational and not in graceful shutdown first, then by corrected stress.
BridgePointers order_bridges(BridgePointers bridges, TimePoint now);

// The bridge, or the sentence that says why there is none.
Result<Bridge*> select_bridge(const BridgePointers& known,
                              const std::vector<ConferenceBridge>& conference,
                              const ParticipantProperties& participant,
                              const std::optional<std::string>& pinned_version,
                              const BridgeConfig& config, SelectionStrategy& strategy,
                              TimePoint now);

}  // namespace jmeet::focus
