#include "bridge/allocation/receiver_settings.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

template <class T>
bool replace(T& current, const std::optional<T>& wanted) {
    if (!wanted || *wanted == current) return false;
    current = *wanted;
    return true;
}

}  // namespace

ReceiverSettings::ReceiverSettings(const AllocationConfig& config)
    : assumed_limit_(config.assumed_bandwidth_limit),
      later_default_height_(config.default_max_height),
      last_n_(config.initial_last_n) {
    default_.max_height = config.initial_max_height;
}

SettingsChange ReceiverSettings::apply(const ReceiverSettingsUpdate& update) {
    bool changed = replace(last_n_, update.last_n);
    changed |= replace(selected_, update.selected);
    changed |= replace(on_stage_, update.on_stage);
    changed |= replace(constraints_, update.constraints);
    if (update.default_constraints) {
        changed |= replace(default_, update.default_constraints);
    } else if (!received_any_) {
        changed |= replace(default_, std::optional(VideoConstraints{later_default_height_}));
    }
    if (update.assumed_bandwidth) {
        std::int64_t assumed = *update.assumed_bandwidth;
        if (assumed >= 0) assumed = assumed_limit_ ? std::min(assumed, *assumed_limit_) : -1;
        changed |= replace(assumed_bandwidth_, std::optional(std::max<std::int64_t>(assumed, -1)));
    }
    received_any_ = true;
    return changed ? SettingsChange::changed : SettingsChange::none;
}

SettingsChange ReceiverSettings::set_last_n(int last_n) {
    return replace(last_n_, std::optional(last_n)) ? SettingsChange::changed
                                                   : SettingsChange::none;
}

SettingsChange ReceiverSettings::set_initial_last_n(int last_n) {
    return received_any_ ? SettingsChange::none : set_last_n(last_n);
}

const VideoConstraints& ReceiverSettings::constraints_for(const SourceName& source) const {
    const auto it = constraints_.find(source);
    return it == constraints_.end() ? default_ : it->second;
}

Stage ReceiverSettings::stage_of(const SourceName& source) const {
    const bool on = std::find(on_stage_.begin(), on_stage_.end(), source) != on_stage_.end();
    return on ? Stage::on : Stage::off;
}

}  // namespace jmeet::bridge
