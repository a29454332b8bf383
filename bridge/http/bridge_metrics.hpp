// The bridge's Prometheus names (jitsi_jvb_...), filled from its statistics at each scrape.
// Control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "bridge/bridge.hpp"
#include "bridge/control/statistics.hpp"

namespace jmeet::bridge {

enum class MetricsFormat : std::uint8_t { none, text, json };
// By an Accept header: what it prefers of what there is, the earlier one of equals; text where it
// says nothing. Who asks for OpenMetrics reads the older text format as well.
MetricsFormat negotiate_metrics(const std::string& accept);

class BridgeMetrics {
 public:
    BridgeMetrics(const Bridge& bridge, std::function<MucClients()> clients);
    // By the Accept header: text, or flat JSON without the prefix.
    HttpResponse scrape(const std::string& accept);

 private:
    struct Entry {
        std::string name;  // without the prefix
        std::function<double()> value;
        prometheus::Counter* counter = nullptr;  // or:
        prometheus::Gauge* gauge = nullptr;
    };

    void count(const std::string& name, const std::string& help, std::function<double()> value);
    void gauge(const std::string& name, const std::string& help, std::function<double()> value);
    void add_counters();
    void add_gauges();
    void add_transit();
    std::string json() const;

    const Bridge& bridge_;
    std::function<MucClients()> clients_;
    Metrics registry_;
    std::vector<Entry> entries_;
    prometheus::Histogram* transit_ = nullptr;
    TransitTimes transit_shown_;  // what the histogram holds already
};

}  // namespace jmeet::bridge
