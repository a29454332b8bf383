// What a bridge does about its load: it says whether it is overloaded, and, where an operator has
// allowed it, lowers last-N for everybody until it is not.
//
// Pure: samples and time points in, a state and a last-N out; owned by Bridge, control thread.
// As JVB's load management (videobridge.load-management).
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::bridge {

// -1 = no limit.
class LastNReducer {
 public:
    struct Config {
        double reduction_scale = 0.75;
        double recover_scale = 1.25;
        int minimum = 1;
        int maximum_enforced = 40;  // from here on there is no limit any more
    };

    LastNReducer(const Config& config, int last_n) : config_(config), last_n_(last_n) {}

    // `most`: the greatest number of sources that any receiver is sent; empty: nobody is here,
    // and nothing is done.
    void reduce(std::optional<std::uint32_t> most);
    // False: there was no limit.
    bool recover();
    int last_n() const { return last_n_; }

 private:
    Config config_;
    int last_n_;
};

enum class LoadState : std::uint8_t { not_overloaded, overloaded };
enum class ReducerUse : std::uint8_t { off, on };

class LoadManager {
 public:
    struct Config {
        double overload = 1;    // this load and more
        double recovery = 0.8;  // below this, what was reduced comes back
        // Between two actions: as long as the first one may take to show.
        Duration impact_time = std::chrono::minutes(1);
        ReducerUse use = ReducerUse::off;
        LastNReducer::Config reducer;
    };
    // `last_n`: where the reducer starts from (videobridge.cc.jvb-last-n).
    LoadManager(const Config& config, int last_n)
        : config_(config), reducer_(config.reducer, last_n) {}

    void on_load(double load, std::optional<std::uint32_t> most_forwarded, TimePoint now);

    LoadState state() const { return state_; }
    double stress() const { return load_ / config_.overload; }
    ReducerUse use() const { return config_.use; }
    int last_n() const { return reducer_.last_n(); }

 private:
    Config config_;
    LastNReducer reducer_;
    LoadState state_ = LoadState::not_overloaded;
    double load_ = 0;
    std::optional<TimePoint> acted_;
};

const char* to_string(LoadState state);

}  // namespace jmeet::bridge
