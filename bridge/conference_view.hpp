// What a conference looks like at one moment, for /debug: values, made on its media worker and read
// on the control thread. Never on the packet path.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/allocation/allocation.hpp"
#include "bridge/allocation/receiver_settings.hpp"
#include "bridge/allocation/trigger.hpp"

namespace jmeet::bridge {

struct EndpointView {
    EndpointId id;
    ReceiverSettings settings;
    Allocation allocation;
    BandwidthRule bandwidth_rule = BandwidthRule::not_yet;
    std::optional<std::int64_t> estimate_bps;
    std::optional<Duration> round_trip;
    double outgoing_loss = 0;
    bool dtls_connected = false;
    bool channel_open = false;
    bool sends_audio = false;
    bool sends_video = false;
};

struct ConferenceView {
    std::optional<EndpointId> dominant;
    std::vector<EndpointId> by_speech_activity;
    std::vector<EndpointId> last_n_order;
    std::vector<EndpointView> endpoints;
};

// What the control side knows of a conference.
struct ConferenceListing {
    std::string local_id;
    std::string meeting_id;
    std::string name;
    TimePoint created{};
    std::vector<std::pair<std::string, std::string>> endpoints;  // id, stats-id
};

}  // namespace jmeet::bridge
