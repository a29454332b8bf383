// The way a bridge ends: running -> graceful shutdown -> shutting down -> finished.
//
// Pure: numbers and a time point in, a state out; owned by Bridge, control thread. As Jitsi
// Videobridge's ShutdownManager, except that creation of conferences is the handler's business.
#pragma once

#include "base/clock.hpp"
#include "bridge/bridge.hpp"

namespace jmeet::bridge {

struct ShutdownConfig {
    std::size_t min_participants = 0;
    Duration max_duration = std::chrono::hours(24);
    Duration delay = std::chrono::minutes(1);
};

class ShutdownManager {
 public:
    explicit ShutdownManager(const ShutdownConfig& config) : config_(config) {}

    // A second graceful request changes nothing; force goes straight to the last state.
    void start(ShutdownKind kind, std::size_t local_endpoints, TimePoint now);
    // After every endpoint that left, and from a timer.
    void update(std::size_t local_endpoints, TimePoint now);

    ShutdownState state() const { return state_; }
    bool finished(TimePoint now) const {
        return state_ == ShutdownState::shutting_down && now - since_ >= config_.delay;
    }

 private:
    void enter(ShutdownState state, TimePoint now);

    ShutdownConfig config_;
    ShutdownState state_ = ShutdownState::running;
    TimePoint since_{};
};

}  // namespace jmeet::bridge
