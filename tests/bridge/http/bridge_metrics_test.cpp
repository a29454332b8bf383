#include "bridge/http/bridge_metrics.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("what a scraper prefers of what there is decides the format") {
    const std::string open = "application/openmetrics-text;version=1.0.0";
    const std::string json = "application/json";
    CHECK(negotiate_metrics("") == MetricsFormat::text);
    CHECK(negotiate_metrics("text/plain") == MetricsFormat::text);
    CHECK(negotiate_metrics(json) == MetricsFormat::json);
    CHECK(negotiate_metrics(open + "," + json) == MetricsFormat::text);
    CHECK(negotiate_metrics(json + ", " + open) == MetricsFormat::json);
    CHECK(negotiate_metrics(json + ",image/png," + open) == MetricsFormat::json);
    CHECK(negotiate_metrics("*/*," + json) == MetricsFormat::text);
    CHECK(negotiate_metrics("text/plain;q=0.5,application/json;q=0.9") == MetricsFormat::json);
    CHECK(negotiate_metrics("image/png,text/html") == MetricsFormat::none);
    CHECK(negotiate_metrics("application/json;q=0") == MetricsFormat::none);
}

TEST_CASE("a scrape has JVB's names, in text with their prefix and in JSON without") {
    asio::io_context control;
    BridgeConfig config;
    config.media_port = 0;
    config.loopback_candidates = true;
    Bridge bridge(control, config);
    BridgeMetrics metrics(bridge, [] { return MucClients{1, 1, 1}; });
    const std::string text = metrics.scrape("text/plain").body;
    const auto json = json::parse_object(metrics.scrape("application/json").body);
    REQUIRE(json.has_value());
    for (const std::string name :
         {"conferences_created_total", "endpoints_total", "endpoints_disconnected_total",
          "endpoints_no_message_transport_after_delay_total", "ice_failed_total",
          "colibri_web_socket_messages_sent_total", "data_channel_messages_sent_total",
          "keyframes_received_total", "packets_sent_total", "stress", "cpu_steal", "conferences",
          "largest_conference", "current_endpoints", "local_endpoints", "active_endpoints",
          "endpoints_oversending", "endpoints_with_suspended_sources",
          "endpoints_with_high_outgoing_loss", "tcc_unmatched_feedback", "loss_fraction",
          "incoming_bitrate", "outgoing_packet_rate", "average_rtt", "mucs_joined",
          "graceful_shutdown", "shutting_down", "drain_mode", "healthy"}) {
        CHECK_MESSAGE(text.find("\njitsi_jvb_" + name + " ") != std::string::npos, name);
        CHECK_MESSAGE(json->HasMember(name.c_str()), name);
    }
    CHECK(metrics.scrape("image/png").status == 406);
}
