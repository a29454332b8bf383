// The registry behind /metrics (prometheus-cpp). Control thread fills it, HTTP prints it.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>
#include <vector>

#include "base/http_server.hpp"

namespace jmeet {

// One per role's HTTP server. Names are upstream's: jitsi_jvb_..., jitsi_jicofo_...
class Metrics {
 public:
    prometheus::Counter& counter(const std::string& name, const std::string& help,
                                 const prometheus::Labels& labels = {});
    prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                             const prometheus::Labels& labels = {});
    // `bounds`: upper bounds of the buckets; the one above all is added.
    prometheus::Histogram& histogram(const std::string& name, const std::string& help,
                                     const std::vector<double>& bounds);
    // Text exposition format 0.0.4.
    HttpResponse exposition() const;

 private:
    prometheus::Registry registry_;
};

}  // namespace jmeet
