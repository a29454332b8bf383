// The focus' metrics as text: which form a client wants, and the two of them that Prometheus reads.
//
// Pure; called by FocusHttp. OpenMetrics 1.0.0; Prometheus' text format 0.0.4; RFC 9110 12.5.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jmeet::focus {

struct MetricValue {
    enum class Kind : std::uint8_t { counter, gauge };
    Kind kind;
    std::string name;  // without prefix and "_total"
    std::string help;
    double value;
    std::string bridge;  // the label jvb; empty: none
};

enum class MetricsForm : std::uint8_t { open_metrics, text, json };
// The first of a client's wishes that can be met; nothing: none of them. No header is no wish.
std::optional<MetricsForm> choose_metrics_form(std::string_view accept);

// One of the two that Prometheus reads. `version`: of this program, a metric of its own.
std::string write_metrics(const std::vector<MetricValue>& values, const std::string& version,
                          MetricsForm form);
const char* content_type(MetricsForm form);

}  // namespace jmeet::focus
