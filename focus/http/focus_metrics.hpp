// What /metrics says, in each of the forms that Jicofo has: what Prometheus reads, and JSON with
// bare names.
//
// Used by FocusHttp; control thread. Values are read when they are asked for, and those of a
// bridge go with it.
#pragma once

#include <string>
#include <vector>

#include "focus/http/conference_sizes.hpp"
#include "focus/http/metrics_text.hpp"
#include "focus/services.hpp"

namespace jmeet::focus {

struct ConferenceCounts {
    // One where nobody has been invited yet, as with Jicofo: somebody waits there.
    ConferenceSizes sizes;
    std::int64_t visitors = 0;
    std::int64_t with_visitors = 0;  // conferences
};
ConferenceCounts count_conferences(const Rooms& rooms);
// Of this process.
std::int64_t thread_count();

std::vector<MetricValue> read_metrics(const Services& services);
std::string metrics_json(const Services& services);

}  // namespace jmeet::focus
