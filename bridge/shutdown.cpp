#include "bridge/shutdown.hpp"

namespace jmeet::bridge {

void ShutdownManager::enter(ShutdownState state, TimePoint now) {
    state_ = state;
    since_ = now;
}

void ShutdownManager::start(ShutdownKind kind, std::size_t local_endpoints, TimePoint now) {
    if (kind == ShutdownKind::force) {
        if (state_ != ShutdownState::shutting_down) enter(ShutdownState::shutting_down, now);
        return;
    }
    if (state_ != ShutdownState::running) return;
    enter(ShutdownState::graceful_shutdown, now);
    update(local_endpoints, now);
}

void ShutdownManager::update(std::size_t local_endpoints, TimePoint now) {
    if (state_ != ShutdownState::graceful_shutdown) return;
    if (local_endpoints <= config_.min_participants || now - since_ >= config_.max_duration) {
        enter(ShutdownState::shutting_down, now);
    }
}

}  // namespace jmeet::bridge
