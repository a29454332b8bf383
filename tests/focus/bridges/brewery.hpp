// A handful of bridges and the selection among them, for tables.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "focus/bridges/selection.hpp"

namespace jmeet::focus {

struct Brewery {
    // Bridge and participants of the conference there.
    struct Use {
        std::string nick;
        int participants = 1;
        bool visitor = false;
        int recently_added = 0;
    };
    BridgeConfig config;
    TimePoint now = TimePoint() + std::chrono::hours(1);
    std::vector<std::unique_ptr<Bridge>> bridges;
    std::vector<std::string> absent;  // not among the known ones

    explicit Brewery(std::string strategy = "RegionBasedBridgeSelectionStrategy") {
        config.selection_strategy = std::move(strategy);
        config.several_bridges = true;
    }
    Bridge& add(const std::string& nick, double stress, const std::string& region = {},
                const std::string& version = "v1") {
        const xmpp::Jid jid("brewery", "muc", nick);
        bridges.push_back(std::make_unique<Bridge>(jid, config, nullptr));
        xmpp::BridgeStats stats;
        stats.add("drain", "false");
        stats.add("stress_level", stress);
        stats.add("version", version);
        stats.add("relay_id", nick);
        if (!region.empty()) stats.add("region", region);
        bridges.back()->apply(stats, now);
        return *bridges.back();
    }
    Bridge& bridge(const std::string& nick) {
        for (const auto& b : bridges) {
            if (b->nick() == nick) return *b;
        }
        throw std::logic_error("no bridge " + nick);
    }
    void say(const std::string& nick, const char* name, const std::string& value) {
        xmpp::BridgeStats stats;
        stats.add(name, value);
        bridge(nick).apply(stats, now);
    }
    // The nick of the chosen bridge, or "none".
    std::string select(const std::vector<Use>& uses = {}, std::optional<std::string> region = {},
                       std::optional<std::string> version = {}, bool visitor = false) {
        const auto strategy = make_strategy(config);
        REQUIRE(strategy.has_value());
        BridgePointers known;
        for (const auto& b : bridges) {
            const bool gone = std::find(absent.begin(), absent.end(), b->nick()) != absent.end();
            if (!gone) known.push_back(b.get());
        }
        std::vector<ConferenceBridge> conference;
        for (const Use& use : uses) {
            conference.push_back(
                {&bridge(use.nick), use.participants, use.visitor, use.recently_added});
        }
        const auto selected = select_bridge(known, conference, {region, visitor}, version, config,
                                            **strategy, now);
        return selected ? (*selected)->nick() : "none";
    }
};

}  // namespace jmeet::focus
