#include "bridge/endpoint_life.hpp"

namespace jmeet::bridge {

std::optional<bool> is_active(const EndpointActivity& activity, const BridgeConfig& config,
                              TimePoint now) {
    if (activity.last) return now - *activity.last <= config.max_inactivity;
    if (now - activity.created > config.first_transfer_timeout) return false;
    return std::nullopt;
}

std::optional<EndpointEnd> end_of(const EndpointActivity& activity, const BridgeConfig& config,
                                  TimePoint now) {
    // A check that succeeds revives a failed agent: a client that was away for a moment keeps its
    // session.
    const auto failed = activity.ice_failed_since;
    if (failed && now - *failed > config.ice_failed_grace) return EndpointEnd::ice_failed;
    if (!activity.last) {
        if (now - activity.created <= config.endpoint_never_active_timeout) return std::nullopt;
        return EndpointEnd::never_active;
    }
    if (now - *activity.last > config.endpoint_timeout) return EndpointEnd::silent;
    return std::nullopt;
}

ConnectivityStatus::Change ConnectivityStatus::update(const EndpointId& id,
                                                      std::optional<bool> active) {
    if (!active) return Change::none;
    if (*active) return inactive_.erase(id) != 0 ? Change::restored : Change::none;
    return inactive_.insert(id).second ? Change::interrupted : Change::none;
}

}  // namespace jmeet::bridge
