// What /metrics says, in the two forms that Jicofo has: Prometheus' text, and JSON with bare names.
//
// Owned by FocusHttp; control thread. Values are read when they are asked for.
#pragma once

#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "focus/http/conference_sizes.hpp"
#include "focus/services.hpp"

namespace jmeet::focus {

ConferenceSizes measure_conferences(const Rooms& rooms);
// Of this process.
std::int64_t thread_count();

struct MetricValue {
    enum class Kind : std::uint8_t { counter, gauge };
    Kind kind;
    std::string name;  // without prefix and "_total"
    std::string help;
    double value;
    std::string bridge;  // the label jvb; empty: none
};
std::vector<MetricValue> read_metrics(const Services& services);

std::string metrics_json(const Services& services);
// Brings the registry up to date; its exposition follows.
void fill_registry(Metrics& registry, const Services& services);

}  // namespace jmeet::focus
