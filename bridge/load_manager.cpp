#include "bridge/load_manager.hpp"

#include <algorithm>

namespace jmeet::bridge {

void LastNReducer::reduce(std::optional<std::uint32_t> most) {
    if (!most) return;
    last_n_ = std::max(config_.minimum, static_cast<int>(*most * config_.reduction_scale));
}

bool LastNReducer::recover() {
    if (last_n_ < 0) return false;
    const int next = std::max(last_n_ + 1, static_cast<int>(last_n_ * config_.recover_scale));
    last_n_ = next >= config_.maximum_enforced ? -1 : next;
    return true;
}

void LoadManager::on_load(double load, std::optional<std::uint32_t> most_forwarded,
                          TimePoint now) {
    load_ = load;
    state_ = load >= config_.overload ? LoadState::overloaded : LoadState::not_overloaded;
    if (config_.use == ReducerUse::off) return;
    if (acted_ && now - *acted_ < config_.impact_time) return;
    if (state_ == LoadState::overloaded) {
        reducer_.reduce(most_forwarded);
        acted_ = now;
    } else if (load < config_.recovery && reducer_.recover()) {
        acted_ = now;
    }
}

const char* to_string(LoadState state) {
    return state == LoadState::overloaded ? "OVERLOADED" : "NOT_OVERLOADED";
}

}  // namespace jmeet::bridge
