#include "focus/http/metrics_text.hpp"

#include <doctest/doctest.h>

namespace jmeet::focus {
namespace {

using Form = MetricsForm;

TEST_CASE("the first wish that can be met, the best first") {
    CHECK(choose_metrics_form("") == Form::open_metrics);
    CHECK(choose_metrics_form("  ") == Form::open_metrics);
    CHECK(choose_metrics_form("*/*") == Form::open_metrics);
    CHECK(choose_metrics_form("text/plain") == Form::text);
    CHECK(choose_metrics_form("Application/JSON; charset=utf-8") == Form::json);
    CHECK(choose_metrics_form("text/plain;q=0.5,application/json") == Form::json);
    CHECK(choose_metrics_form("text/plain;q=0.5, application/json;q=0.4") == Form::text);
    CHECK(choose_metrics_form("text/html, application/xhtml+xml, */*;q=0.8") == Form::open_metrics);
    // Prometheus' own.
    CHECK(choose_metrics_form("application/openmetrics-text;version=1.0.0,"
                              "application/openmetrics-text;version=0.0.1;q=0.75,"
                              "text/plain;version=0.0.4;q=0.5,*/*;q=0.1") == Form::open_metrics);
    CHECK(!choose_metrics_form("image/png"));
    CHECK(!choose_metrics_form("application/json;q=0"));
    CHECK(!choose_metrics_form("application/json;q=x"));
    CHECK(!choose_metrics_form(",;,;q="));
}

const std::vector<MetricValue> kValues{
    {MetricValue::Kind::counter, "participants", "People.", 7, {}},
    {MetricValue::Kind::gauge, "bridge_endpoints", "Of a bridge.", 2, "jvb1"},
    {MetricValue::Kind::gauge, "conferences_seconds", "Time.", 54.399, {}},
    {MetricValue::Kind::gauge, "bridge_endpoints", "Of a bridge.", 3, "a\"b\\"},
};

TEST_CASE("OpenMetrics: families by name, samples together, an end") {
    CHECK(write_metrics(kValues, "1.0", Form::open_metrics) ==
          "# HELP jitsi_jicofo_bridge_endpoints Of a bridge.\n"
          "# TYPE jitsi_jicofo_bridge_endpoints gauge\n"
          "jitsi_jicofo_bridge_endpoints{jvb=\"jvb1\"} 2\n"
          "jitsi_jicofo_bridge_endpoints{jvb=\"a\\\"b\\\\\"} 3\n"
          "# HELP jitsi_jicofo_conferences_seconds Time.\n"
          "# TYPE jitsi_jicofo_conferences_seconds gauge\n"
          "jitsi_jicofo_conferences_seconds 54.399\n"
          "# HELP jitsi_jicofo_participants People.\n"
          "# TYPE jitsi_jicofo_participants counter\n"
          "jitsi_jicofo_participants_total 7\n"
          "# HELP jitsi_jicofo_version Application version.\n"
          "# TYPE jitsi_jicofo_version info\n"
          "jitsi_jicofo_version_info{version=\"1.0\"} 1\n"
          "# EOF\n");
}

TEST_CASE("the older text form names the samples") {
    const std::string text = write_metrics(kValues, "1.0", Form::text);
    CHECK(text.find("# TYPE jitsi_jicofo_participants_total counter\n") != std::string::npos);
    CHECK(text.find("# TYPE jitsi_jicofo_version_info gauge\n") != std::string::npos);
    CHECK(text.find("# EOF") == std::string::npos);
}

}  // namespace
}  // namespace jmeet::focus
