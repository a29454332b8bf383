#include "bridge/http/bridge_metrics.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string_view>

namespace jmeet::bridge {

namespace {

double quality(std::string_view parameters) {
    const auto at = parameters.find("q=");
    return at == std::string_view::npos ? 1 : std::strtod(parameters.data() + at + 2, nullptr);
}

std::optional<MetricsFormat> format_of(std::string_view type) {
    if (type == "application/json") return MetricsFormat::json;
    if (type == "application/openmetrics-text" || type == "text/plain" || type == "text/*" ||
        type == "*/*") {
        return MetricsFormat::text;
    }
    return std::nullopt;
}

}  // namespace

MetricsFormat negotiate_metrics(const std::string& accept) {
    if (accept.empty()) return MetricsFormat::text;
    MetricsFormat best = MetricsFormat::none;
    double best_quality = 0;
    std::istringstream ranges(accept);
    for (std::string range; std::getline(ranges, range, ',');) {
        range.erase(0, std::min(range.find_first_not_of(' '), range.size()));
        const auto end = std::min(range.find_first_of("; "), range.size());
        const auto format = format_of(range.substr(0, end));
        const double q = quality(range.c_str() + end);
        if (!format || q <= best_quality) continue;
        best = *format;
        best_quality = q;
    }
    return best;
}

BridgeMetrics::BridgeMetrics(const Bridge& bridge, std::function<MucClients()> clients)
    : bridge_(bridge), clients_(std::move(clients)) {
    add_counters();
    add_gauges();
    std::vector<double> bounds;
    for (const auto us : TransitTimes::kBoundsUs) bounds.push_back(static_cast<double>(us) / 1e6);
    transit_ = &registry_.histogram("jitsi_jvb_packet_transit_seconds",
                                    "Time from reading a packet to sending its copies.", bounds);
}

// A histogram of prometheus-cpp only takes more; ours are totals.
void BridgeMetrics::add_transit() {
    const TransitTimes& now = bridge_.stats().media.transit;
    std::vector<double> more;
    for (std::size_t i = 0; i <= TransitTimes::kBoundsUs.size(); ++i) {
        more.push_back(static_cast<double>(now.in_bucket(i) - transit_shown_.in_bucket(i)));
    }
    transit_->ObserveMultiple(more,
                              static_cast<double>(now.sum_us() - transit_shown_.sum_us()) / 1e6);
    transit_shown_ = now;
}

void BridgeMetrics::count(const std::string& name, const std::string& help,
                          std::function<double()> value) {
    entries_.push_back({name + "_total", std::move(value),
                        &registry_.counter("jitsi_jvb_" + name + "_total", help), nullptr});
}

void BridgeMetrics::gauge(const std::string& name, const std::string& help,
                          std::function<double()> value) {
    entries_.push_back({name, std::move(value), nullptr,
                        &registry_.gauge("jitsi_jvb_" + name, help)});
}

void BridgeMetrics::add_counters() {
    const BridgeStats& s = bridge_.stats();
    const auto of = [](const std::uint64_t& n) {
        return [&n] { return static_cast<double>(n); };
    };
    const MediaCounters& m = s.media;
    for (std::size_t i = 0; i < static_cast<std::size_t>(DropReason::count_); ++i) {
        const auto reason = static_cast<DropReason>(i);
        const std::string name(to_string(reason));
        entries_.push_back({"dropped_packets_" + name + "_total",
                            [&m, reason] { return static_cast<double>(m.drops[reason]); },
                            &registry_.counter("jitsi_jvb_dropped_packets_total",
                                               "Datagrams and packets not used, by reason.",
                                               {{"reason", name}}),
                            nullptr});
    }
    count("conferences_created", "Conferences created.", of(s.total_conferences_created));
    count("conferences_completed", "Conferences completed.", of(s.total_conferences_completed));
    count("conference_seconds", "Seconds of completed conferences.",
          of(s.total_conference_seconds));
    count("endpoints", "Endpoints created.", of(s.total_participants));
    count("visitors", "Visitor endpoints created.", of(s.total_visitors));
    count("endpoints_disconnected", "Endpoints that fell silent.", of(m.endpoints_disconnected));
    count("endpoints_reconnected", "Endpoints that were heard again.",
          of(m.endpoints_reconnected));
    count("endpoints_no_message_transport_after_delay",
          "Endpoints without a bridge channel 30 s after DTLS.", of(m.endpoints_without_channel));
    count("ice_restarts_started", "ICE restarts in place.", of(m.ice_restarts_started));
    count("ice_restarts_rejected", "ICE restarts that are switched off.",
          of(m.ice_restarts_rejected));
    count("ice_restarts_not_established", "ICE restarts asked for before ICE was established.",
          of(m.ice_restarts_not_established));
    count("ice_restarts_succeeded", "ICE restarts that found a new way.",
          of(m.ice_restarts_succeeded));
    count("channel_messages_over_limit", "Bridge channel messages of who says too much.",
          of(m.channel_messages_over_limit));
    count("dominant_speaker_changes", "Changes of the dominant speaker.",
          of(m.dominant_speaker_changes));
    count("endpoints_ice_failed", "Endpoints whose ICE failed.", of(m.ice_failed));
    count("endpoints_dtls_failed", "Endpoints whose DTLS failed.", of(m.dtls_failed));
    count("ice_failed", "ICE agents that failed.", of(m.ice_failed));
    count("ice_succeeded", "ICE agents that connected.", of(m.ice_succeeded));
    count("bytes_received", "Bytes received in RTP and RTCP.", of(m.bytes_received));
    count("bytes_sent", "Bytes sent in RTP and RTCP.", of(m.bytes_sent));
    count("packets_received", "Packets received.", of(m.packets_received));
    count("packets_sent", "Packets sent.", of(m.packets_sent));
    count("data_channel_messages_received", "Messages received over data channels.", [&m] {
        return static_cast<double>(m.channel_messages_received - m.web_socket_messages_received);
    });
    count("data_channel_messages_sent", "Messages sent over data channels.", [&m] {
        return static_cast<double>(m.channel_messages_sent - m.web_socket_messages_sent);
    });
    count("colibri_web_socket_messages_received", "Messages received over WebSockets.",
          of(m.web_socket_messages_received));
    count("colibri_web_socket_messages_sent", "Messages sent over WebSockets.",
          of(m.web_socket_messages_sent));
    count("keyframes_received", "Key frames received.", of(m.keyframes_received));
    count("layering_changes_received", "Changes of the layers that senders send.",
          of(m.layering_changes_received));
    count("packets_handed_over", "Packets that came to another worker than their conference's.",
          of(m.packets_handed_over));
    count("queue_dropped_packets", "Bridge channel messages dropped.",
          of(m.channel_messages_dropped));
}

void BridgeMetrics::add_gauges() {
    const BridgeStats& s = bridge_.stats();
    const auto of = [](const std::uint32_t& n) {
        return [&n] { return static_cast<double>(n); };
    };
    gauge("stress", "Stress: 1 is the load that this bridge should carry at most.",
          [&s] { return s.stress_level; });
    gauge("cpu_steal", "Share of the CPU that a hypervisor took.", [&s] { return s.cpu_steal; });
    gauge("conferences", "Conferences now.", of(s.conferences));
    gauge("conferences_inactive", "Conferences in which nobody sends.", of(s.inactive_conferences));
    gauge("conferences_p2p", "Inactive conferences of two.", of(s.p2p_conferences));
    gauge("largest_conference", "Endpoints of the largest conference.", of(s.largest_conference));
    gauge("current_endpoints", "Endpoints now.", of(s.endpoints));
    gauge("local_endpoints", "Endpoints now, on this bridge.", of(s.endpoints));
    gauge("current_visitors", "Visitors now.", of(s.visitors));
    gauge("endpoints_inactive", "Endpoints in inactive conferences.", of(s.inactive_endpoints));
    gauge("endpoints_recvonly", "Endpoints that send nothing.", of(s.receive_only_endpoints));
    gauge("endpoints_sending_audio", "Endpoints that send audio.", of(s.endpoints_sending_audio));
    gauge("endpoints_sending_video", "Endpoints that send video.", of(s.endpoints_sending_video));
    gauge("endpoints_oversending", "Endpoints that are sent more than their estimate.",
          of(s.oversending_endpoints));
    gauge("endpoints_with_suspended_sources", "Endpoints that lack a video for want of bandwidth.",
          of(s.suspended_source_endpoints));
    gauge("endpoints_with_high_outgoing_loss", "Endpoints that lose a tenth of what they are sent.",
          of(s.high_loss_endpoints));
    gauge("active_endpoints", "Endpoints in conferences in which somebody sends.", [&s] {
        return static_cast<double>(s.endpoints - std::min(s.endpoints, s.inactive_endpoints));
    });
    gauge("tcc_unmatched_feedback", "Transport-cc reports of packets that were not sent.",
          [&s] { return static_cast<double>(s.unmatched_feedback); });
    gauge("incoming_bitrate", "Received, bits per second.",
          [&s] { return s.bit_rate_download_kbps * 1000; });
    gauge("outgoing_bitrate", "Sent, bits per second.",
          [&s] { return s.bit_rate_upload_kbps * 1000; });
    gauge("incoming_packet_rate", "Packets received per second.",
          [&s] { return s.packet_rate_download; });
    gauge("outgoing_packet_rate", "Packets sent per second.",
          [&s] { return s.packet_rate_upload; });
    gauge("incoming_loss_fraction", "Loss from senders.", [&s] { return s.incoming_loss; });
    gauge("outgoing_loss_fraction", "Loss to receivers.", [&s] { return s.outgoing_loss; });
    gauge("loss_fraction", "Loss in either direction, the greater one.",
          [&s] { return std::max(s.incoming_loss, s.outgoing_loss); });
    gauge("average_rtt", "Mean round trip, milliseconds.", [&s] { return s.rtt_aggregate_ms; });
    gauge("thread_count", "Threads of this process.",
          [&s] { return static_cast<double>(s.threads); });
    const auto flag = [](bool value) { return value ? 1.0 : 0.0; };
    gauge("healthy", "Whether the last health check passed.",
          [this, flag] { return flag(bridge_.health().has_value()); });
    gauge("graceful_shutdown", "Whether new conferences are refused.", [this, flag] {
        return flag(bridge_.shutdown_state() == ShutdownState::graceful_shutdown);
    });
    gauge("shutting_down", "Whether this process is about to end.", [this, flag] {
        return flag(bridge_.shutdown_state() == ShutdownState::shutting_down);
    });
    gauge("drain_mode", "Whether a focus should place nothing new here.",
          [this, flag] { return flag(bridge_.drain()); });
    gauge("muc_clients_configured", "XMPP servers configured.",
          [this] { return static_cast<double>(clients_().configured); });
    gauge("muc_clients_connected", "XMPP servers connected.",
          [this] { return static_cast<double>(clients_().connected); });
    gauge("mucs_connected", "Breweries configured.",
          [this] { return static_cast<double>(clients_().configured); });
    gauge("mucs_joined", "Breweries joined.",
          [this] { return static_cast<double>(clients_().joined); });
}

HttpResponse BridgeMetrics::scrape(const std::string& accept) {
    switch (negotiate_metrics(accept)) {
        case MetricsFormat::none: return HttpResponse::empty(406);
        case MetricsFormat::json: return HttpResponse::json(json());
        case MetricsFormat::text: break;
    }
    for (const auto& entry : entries_) {
        const double value = entry.value();
        if (entry.gauge) entry.gauge->Set(value);
        // A counter of prometheus-cpp only goes up; ours are totals.
        if (entry.counter && value > entry.counter->Value()) {
            entry.counter->Increment(value - entry.counter->Value());
        }
    }
    add_transit();
    return registry_.exposition();
}

std::string BridgeMetrics::json() const {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> out(buffer);
    out.SetIndent(' ', 1);
    out.StartObject();
    for (const auto& entry : entries_) {
        out.Key(entry.name);
        const double value = entry.value();
        if (std::floor(value) == value) {
            out.Int64(static_cast<std::int64_t>(value));
        } else {
            out.Double(value);
        }
    }
    out.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace jmeet::bridge
