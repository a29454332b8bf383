#include "focus/bridges/selection.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "focus/bridges/select_intra_region.hpp"
#include "focus/bridges/select_region.hpp"
#include "focus/bridges/select_single.hpp"
#include "focus/bridges/select_split.hpp"
#include "focus/bridges/select_visitor.hpp"

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

std::string_view simple_name(std::string_view name) {
    constexpr std::string_view kPackage = "org.jitsi.jicofo.bridge.";
    if (name.starts_with(kPackage)) name.remove_prefix(kPackage.size());
    return name;
}

enum class MayNest : std::uint8_t { no, yes };
using MadeStrategy = Result<std::unique_ptr<SelectionStrategy>>;

template <class Strategy, class... Arguments>
MadeStrategy make(Arguments&&... arguments) {
    return std::unique_ptr<SelectionStrategy>(
        std::make_unique<Strategy>(std::forward<Arguments>(arguments)...));
}

MadeStrategy make_named(const std::string& name, const BridgeConfig& config, MayNest may_nest) {
    const std::string_view simple = simple_name(name);
    if (simple == "SingleBridgeSelectionStrategy") return make<SelectSingle>();
    if (simple == "SplitBridgeSelectionStrategy") return make<SelectSplit>();
    if (simple == "RegionBasedBridgeSelectionStrategy") return make<SelectRegion>(config);
    if (simple == "IntraRegionBridgeSelectionStrategy") return make<SelectIntraRegion>(config);
    if (simple != "VisitorSelectionStrategy" || may_nest == MayNest::no) {
        return fail(fmt::format(
            "bridge selection strategy \"{}\" is not known here: use one of Single, Split, "
            "RegionBased, IntraRegion, each followed by BridgeSelectionStrategy{}",
            name, may_nest == MayNest::yes ? ", or VisitorSelectionStrategy" : ""));
    }
    auto participants = make_named(config.participant_strategy, config, MayNest::no);
    if (!participants) return participants.error();
    auto visitors = make_named(config.visitor_strategy, config, MayNest::no);
    if (!visitors) return visitors.error();
    return make<SelectVisitor>(std::move(*participants), std::move(*visitors));
}

}  // namespace

std::string ParticipantProperties::to_string() const {
    return fmt::format("ParticipantProperties(region={}, visitor={})", region.value_or("null"),
                       visitor);
}

Result<std::unique_ptr<SelectionStrategy>> make_strategy(const BridgeConfig& config) {
    return make_named(config.selection_strategy, config, MayNest::yes);
}

std::string needs_relays(const BridgeConfig& config) {
    if (config.several_bridges) return {};
    const std::string_view name = simple_name(config.selection_strategy);
    if (name == "SingleBridgeSelectionStrategy" && !config.octo_wanted) return {};
    return fmt::format("{}{} chooses the bridge of a conference's first participant, and everybody "
                       "else of that conference follows: bridges are not connected with each "
                       "other yet.",
                       config.octo_wanted ? "ENABLE_OCTO is on: " : "", name);
}

BridgePointers order_bridges(BridgePointers bridges, TimePoint now) {
    struct Ranked {
        Bridge* bridge;
        int priority;
        double stress;
        int endpoints;  // of equals the one with fewer: stress is felt late
    };
    // A snapshot: stress must not move between two comparisons of one sort.
    std::vector<Ranked> ranked;
    ranked.reserve(bridges.size());
    for (Bridge* const b : bridges) {
        const double stress = b->corrected_stress(now);
        ranked.push_back({b, priority(*b, now), std::isnan(stress) ? HUGE_VAL : stress,
                          b->endpoints()});
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
        return std::tie(a.priority, a.stress, a.endpoints) <
               std::tie(b.priority, b.stress, b.endpoints);
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
        return fail("There are no operational bridges. None has joined the brewery.");
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

    if (conference.empty()) {
        candidates = prefer(candidates, [](const Bridge& b) { return !b.doubtful(); });
    } else {
        // Without relays the first one stays, with no further look at its load.
        Bridge* const first = conference.front().bridge;
        if (!config.several_bridges || !first->relay_id()) return first;
    }
    Bridge* const selected = strategy.select(candidates, conference, participant, now);
    if (!selected) return fail("The strategy found no bridge for this participant.");
    return selected;
}

}  // namespace jmeet::focus
