// Whether an endpoint counts as there, and when it has ended. Jitsi Videobridge's rules: what
// counts is media and answered connectivity checks, not its channel, DTLS or SCTP.
//
// Pure: times in, a verdict out. The states are told to clients as
// EndpointConnectivityStatusChangeEvent, the end to the control side.
#pragma once

#include <optional>
#include <unordered_set>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/config.hpp"
#include "bridge/media_api.hpp"

namespace jmeet::bridge {

struct EndpointActivity {
    TimePoint created;
    std::optional<TimePoint> last;              // empty: nothing ever came
    std::optional<TimePoint> ice_failed_since;  // empty: a way is there, or may be found
};

// Empty: not decided yet (young and silent).
std::optional<bool> is_active(const EndpointActivity& activity, const BridgeConfig& config,
                              TimePoint now);
// Empty: it stays.
std::optional<EndpointEnd> end_of(const EndpointActivity& activity, const BridgeConfig& config,
                                  TimePoint now);

// Of one conference: who was told to be away. Owned by the Conference.
class ConnectivityStatus {
 public:
    enum class Change : std::uint8_t { none, interrupted, restored };

    Change update(const EndpointId& id, std::optional<bool> active);
    void forget(const EndpointId& id) { inactive_.erase(id); }
    // What a newly opened channel is told.
    const std::unordered_set<EndpointId>& inactive() const { return inactive_; }

 private:
    std::unordered_set<EndpointId> inactive_;
};

}  // namespace jmeet::bridge
