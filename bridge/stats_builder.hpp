// Makes a bridge's numbers: rates from the media worker's counters, gauges from the conferences,
// the stress from both. Owned by Bridge, control thread.
#pragma once

#include <optional>

#include "bridge/colibri_handler.hpp"
#include "bridge/media_api.hpp"
#include "bridge/stats.hpp"

namespace jmeet::bridge {

class StatsBuilder {
 public:
    void on_report(const MediaReport& report, TimePoint now);
    void set_cpu(double usage, double steal) {
        stats_.cpu_usage = usage;
        stats_.cpu_steal = steal;
    }
    // Once a second.
    void update(const ColibriHandler& handler, const BridgeConfig& config);
    const BridgeStats& stats() const { return stats_; }

 private:
    BridgeStats stats_;
    std::optional<TimePoint> last_report_;
};

}  // namespace jmeet::bridge
