#include "focus/bridges/selection.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "focus/bridges/select_single.hpp"

namespace jmeet::focus {
namespace {

int priority(const Bridge& bridge, TimePoint now) {
    if (!bridge.operational(now)) return 3;
    return bridge.in_graceful_shutdown() ? 2 : 1;
}

template <class Keep>
BridgePointers keep(BridgePointers bridges, Keep&& wanted) {
    std::erase_if(bridges, [&](const Bridge* b) { return !wanted(*b); });
    return bridges;
}

// Applies a preference: the filter counts only where somebody is left.
template <class Keep>
BridgePointers prefer(BridgePointers bridges, Keep&& wanted) {
    BridgePointers preferred = keep(bridges, wanted);
    return preferred.empty() ? bridges : preferred;
}

}  // namespace

std::string ParticipantProperties::to_string() const {
    return fmt::format("ParticipantProperties(region={}, visitor={})", region.value_or("null"),
                       visitor);
}

Result<std::unique_ptr<SelectionStrategy>> make_strategy(const std::string& name) {
    constexpr std::string_view kPackage = "org.jitsi.jicofo.bridge.";
    std::string_view simple = name;
    if (simple.starts_with(kPackage)) simple.remove_prefix(kPackage.size());
    if (simple == "SingleBridgeSelectionStrategy") {
        return std::unique_ptr<SelectionStrategy>(std::make_unique<SelectSingle>());
    }
    return fail(fmt::format("bridge selection strategy \"{}\" is not known here: use "
                            "SingleBridgeSelectionStrategy",
                            name));
}

BridgePointers order_bridges(BridgePointers bridges, TimePoint now) {
    struct Ranked {
        Bridge* bridge;
        int priority;
        double stress;
    };
    // A snapshot: stress must not move between two comparisons of one sort.
    std::vector<Ranked> ranked;
    ranked.reserve(bridges.size());
    for (Bridge* const b : bridges) {
        const double stress = b->corrected_stress(now);
        ranked.push_back({b, priority(*b, now), std::isnan(stress) ? HUGE_VAL : stress});
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
        return std::tie(a.priority, a.stress) < std::tie(b.priority, b.stress);
    });
    std::transform(ranked.begin(), ranked.end(), bridges.begin(),
                   [](const Ranked& r) { return r.bridge; });
    return bridges;
}

Result<Bridge*> select_bridge(const BridgePointers& known,
                              const std::vector<ConferenceBridge>& all_conference_bridges,
                              const ParticipantProperties& participant,
                              const std::optional<std::string>& pinned_version,
                              const BridgeConfig& config, SelectionStrategy& strategy,
                              TimePoint now) {
    std::vector<ConferenceBridge> conference = all_conference_bridges;
    std::erase_if(conference,
                  [&](const ConferenceBridge& c) { return !c.bridge->operational(now); });

    std::optional<std::string> version;
    if (!conference.empty()) version = conference.front().bridge->full_version();
    if (version && pinned_version && *version != *pinned_version) {
        return fail(fmt::format(
            "An inconsistent version was requested: {}. Conference is using version: {}",
            *pinned_version, *version));
    }
    if (!version) version = pinned_version;

    BridgePointers candidates = order_bridges(known, now);
    if (candidates.empty()) {
        return fail("There are no operational bridges: none has joined the brewery.");
    }
    candidates = keep(candidates, [&](const Bridge& b) { return b.operational(now); });
    if (candidates.empty()) return fail("There are no operational bridges.");
    candidates = keep(candidates, [](const Bridge& b) { return !b.shutting_down(); });
    if (candidates.empty()) return fail("All operational bridges are SHUTTING_DOWN");
    if (version && !config.allow_mixed_versions) {
        candidates = keep(candidates, [&](const Bridge& b) { return b.full_version() == version; });
        if (candidates.empty()) {
            return fail(
                fmt::format("There are no bridges with the required version: {}", *version));
        }
    }
    candidates = prefer(candidates, [](const Bridge& b) { return !b.draining(); });
    candidates = prefer(candidates, [](const Bridge& b) { return !b.in_graceful_shutdown(); });

    // One bridge per conference: the first one stays, with no further look at its load.
    if (!conference.empty()) return conference.front().bridge;
    Bridge* const selected = strategy.select(candidates, conference, participant, now);
    if (!selected) return fail("The strategy found no bridge for this participant.");
    return selected;
}

}  // namespace jmeet::focus
