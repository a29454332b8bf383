#include "bridge/allocation/allocation.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace jmeet::bridge {

namespace {

enum class Oversend : std::uint8_t { no, yes };

// One source while the rounds run.
class Candidate {
 public:
    Candidate(const SourceSnapshot& source, const VideoConstraints& effective, Stage stage,
              const AllocationConfig& config)
        : source_(&source),
          effective_(effective),
          stage_(stage),
          max_oversend_(config.max_oversend_bitrate),
          considered_(
              consider_layers(source.layers, source.video_type, effective, stage, config)) {}

    bool wanted() const { return !effective_.disabled(); }
    bool holds_the_round() const {
        return stage_ == Stage::on && target_ < considered_.preferred;
    }

    // One step up if it fits into what remains; returns what the step costs.
    std::int64_t improve(std::int64_t remaining, Oversend oversend) {
        const auto& layers = considered_.layers;
        if (layers.empty()) return 0;
        const std::int64_t before = rate(target_);
        const std::int64_t max =
            remaining > kUnlimitedBandwidth - before ? kUnlimitedBandwidth : remaining + before;
        climb(max);
        take_no_dearer();
        if (oversend == Oversend::yes) force_oversend(max);
        return rate(target_) - before;
    }

    SourceAllocation result(AllocationReason unwanted) const {
        SourceAllocation out;
        out.stage = stage_;
        out.name = source_->name;
        out.owner = source_->owner;
        out.primary = source_->primary;
        out.video_type = source_->video_type;
        out.effective = effective_;
        const auto& layers = considered_.layers;
        if (!layers.empty()) {
            out.ideal = layers.back().index;
            out.ideal_bitrate = layers.back().bitrate;
            out.ideal_height = layers.back().height;
        }
        if (target_ >= 0) {
            out.target = layers[static_cast<std::size_t>(target_)].index;
            out.target_bitrate = layers[static_cast<std::size_t>(target_)].bitrate;
            out.target_height = layers[static_cast<std::size_t>(target_)].height;
        }
        if (target_ < last()) out.next_bitrate = static_cast<std::uint64_t>(rate(target_ + 1));
        out.reason = reason(unwanted);
        return out;
    }

    bool suspended() const {
        return target_ < 0 && !considered_.layers.empty() && considered_.layers[0].bitrate > 0;
    }

 private:
    std::int64_t rate(int i) const {
        return i < 0 ? 0
                     : static_cast<std::int64_t>(
                           considered_.layers[static_cast<std::size_t>(i)].bitrate);
    }
    int last() const { return static_cast<int>(considered_.layers.size()) - 1; }

    void climb(std::int64_t max) {
        if (target_ < 0 && considered_.preferred >= 0 && stage_ == Stage::on) {
            // On stage the first step goes as far as the preferred layer; an exact fit counts.
            for (int i = 0; i <= considered_.preferred && rate(i) <= max; ++i) target_ = i;
        } else if (target_ < last() && rate(target_ + 1) < max) {
            ++target_;
        }
    }

    // A better layer may cost no more (an idle one, or a lower frame rate at more height).
    void take_no_dearer() {
        if (target_ < 0) return;
        // Of layers that cost nothing at all the next one is enough, as upstream has it.
        const int lowest = rate(target_) == 0 ? target_ : last();
        for (int i = last(); i > std::min(lowest, target_); --i) {
            if (rate(i) <= rate(target_)) target_ = i;
        }
    }

    void force_oversend(std::int64_t max) {
        if (considered_.oversend < 0 || target_ >= considered_.oversend) return;
        const std::int64_t limit =
            max > kUnlimitedBandwidth - max_oversend_ ? kUnlimitedBandwidth : max + max_oversend_;
        for (int i = considered_.oversend; i > target_; --i) {
            if (rate(i) > limit) continue;
            oversent_ = rate(i) > max;
            target_ = i;
            return;
        }
    }

    AllocationReason reason(AllocationReason unwanted) const {
        if (!sends_video(source_->video_type)) return AllocationReason::source_disabled;
        if (!wanted()) return unwanted;
        if (considered_.layers.empty()) return AllocationReason::no_layers;
        if (target_ < 0) return AllocationReason::suspended;
        if (oversent_) return AllocationReason::oversent;
        return target_ == last() ? AllocationReason::ideal : AllocationReason::bandwidth_limited;
    }

    const SourceSnapshot* source_;
    VideoConstraints effective_;
    Stage stage_;
    std::int64_t max_oversend_;
    ConsideredLayers considered_;
    int target_ = -1;
    bool oversent_ = false;
};

// Rounds of one step each, in priority order, until a round changes nothing. A source on stage
// keeps the rest waiting until it has its preferred layer. True = the budget was exceeded.
bool run_rounds(std::vector<Candidate>& candidates, std::int64_t available) {
    bool oversending = false;
    std::int64_t remaining = available;
    std::int64_t before = kUnknownBandwidth;
    while (remaining != before) {
        before = remaining;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            Candidate& candidate = candidates[i];
            if (!candidate.wanted()) continue;
            remaining -= candidate.improve(remaining, i == 0 ? Oversend::yes : Oversend::no);
            if (remaining < 0) oversending = true;
            if (candidate.holds_the_round()) break;
        }
    }
    return oversending;
}

// The receiver's own wish is named first where two limits are equal.
LastNRule last_n_rule(int last_n, int receiver, const LastNLimits& limits) {
    if (last_n < 0) return LastNRule::none;
    if (receiver == last_n) return LastNRule::receiver;
    if (limits.bridge == last_n) return LastNRule::bridge;
    return limits.conference_size == last_n ? LastNRule::conference_size : LastNRule::ssrcs;
}

}  // namespace

const SourceAllocation* Allocation::find(const SourceName& name) const {
    const auto it = std::find_if(sources.begin(), sources.end(),
                                 [&](const SourceAllocation& s) { return s.name == name; });
    return it == sources.end() ? nullptr : &*it;
}

std::vector<const SourceSnapshot*> prioritize(std::span<const SourceSnapshot* const> sources,
                                              const ReceiverSettings& settings) {
    std::unordered_map<SourceName, const SourceSnapshot*> by_name;
    for (const auto* s : sources) by_name.emplace(s->name, s);
    std::vector<const SourceSnapshot*> out;
    out.reserve(sources.size());
    std::unordered_set<const SourceSnapshot*> taken;
    const auto take = [&](const std::vector<SourceName>& names) {
        for (const SourceName& name : names) {
            const auto it = by_name.find(name);
            if (it == by_name.end() || !sends_video(it->second->video_type)) continue;
            if (taken.insert(it->second).second) out.push_back(it->second);
        }
    };
    take(settings.on_stage());
    take(settings.selected());
    for (const auto* s : sources) {
        if (sends_video(s->video_type) && !taken.contains(s)) out.push_back(s);
    }
    for (const auto* s : sources) {
        if (!sends_video(s->video_type)) out.push_back(s);
    }
    return out;
}

int effective_last_n(std::initializer_list<int> values) {
    int smallest = -1;
    for (int v : values) {
        if (v >= 0 && (smallest < 0 || v < smallest)) smallest = v;
    }
    return smallest;
}

int conference_size_limit(const std::map<int, int>& limits, int size) {
    const auto it = limits.upper_bound(size);
    return it == limits.begin() ? -1 : std::prev(it)->second;
}

std::vector<VideoConstraints> effective_constraints(
    std::span<const SourceSnapshot* const> prioritized, const ReceiverSettings& settings,
    int last_n) {
    constexpr VideoConstraints kNothing{0};
    std::vector<VideoConstraints> out;
    out.reserve(prioritized.size());
    int used = 0;
    for (const auto* source : prioritized) {
        VideoConstraints constraints = kNothing;
        if (sends_video(source->video_type) && (last_n < 0 || used < last_n)) {
            constraints = settings.constraints_for(source->name);
            if (!constraints.disabled()) ++used;
        }
        out.push_back(constraints);
    }
    return out;
}

Allocation allocate(std::span<const SourceSnapshot* const> sources,
                    const ReceiverSettings& settings, const LastNLimits& limits,
                    std::int64_t available_bps, const AllocationConfig& config) {
    const auto prioritized = prioritize(sources, settings);
    const int last_n = effective_last_n(
        {settings.last_n(), limits.bridge, limits.conference_size, limits.ssrcs});
    const auto effective = effective_constraints(prioritized, settings, last_n);
    std::vector<Candidate> candidates;
    candidates.reserve(prioritized.size());
    for (std::size_t i = 0; i < prioritized.size(); ++i) {
        const Stage stage = settings.stage_of(prioritized[i]->name);
        candidates.emplace_back(*prioritized[i], effective[i], stage, config);
    }

    Allocation out;
    out.available_bps = available_bps;
    out.last_n = last_n;
    out.last_n_rule = last_n_rule(last_n, settings.last_n(), limits);
    const bool known = available_bps != kUnknownBandwidth;
    if (known) out.oversending = run_rounds(candidates, available_bps);
    out.sources.reserve(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const SourceName& name = prioritized[i]->name;
        const VideoConstraints& asked = settings.constraints_for(name);
        SourceAllocation result = candidates[i].result(
            asked.disabled() ? AllocationReason::not_wanted : AllocationReason::beyond_last_n);
        result.asked = asked;
        result.asked_by_name = settings.constraints().contains(name);
        if (!known && result.reason == AllocationReason::suspended) {
            result.reason = AllocationReason::bandwidth_unknown;
        }
        out.has_suspended |= candidates[i].suspended();
        out.target_bitrate += static_cast<std::int64_t>(result.target_bitrate);
        out.ideal_bitrate += static_cast<std::int64_t>(result.ideal_bitrate);
        out.sources.push_back(std::move(result));
    }
    return out;
}

}  // namespace jmeet::bridge
