#include "bridge/control/statistics.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

namespace jmeet::bridge {
namespace {

// "2026-11-25 01:31:16.334", UTC.
std::string timestamp() {
    const auto now = std::chrono::system_clock::now();
    const auto ms =
        std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc);
    return fmt::format("{}.{:03}", text, ms);
}

std::uint64_t rounded(double value) {
    return value > 0 ? static_cast<std::uint64_t>(std::llround(value)) : 0;
}

void add_load(Statistics& out, const BridgeStats& s) {
    const auto active = s.endpoints - std::min(s.endpoints, s.inactive_endpoints);
    out.insert(out.end(), {{"incoming_loss", s.incoming_loss},
                           {"outgoing_loss", s.outgoing_loss},
                           {"overall_loss", std::max(s.incoming_loss, s.outgoing_loss)},
                           {"endpoints_with_high_outgoing_loss",
                            std::uint64_t{s.high_loss_endpoints}},
                           {"tcc_unmatched_feedback", s.unmatched_feedback},
                           {"local_active_endpoints", std::uint64_t{active}},
                           {"bit_rate_download", rounded(s.bit_rate_download_kbps)},
                           {"bit_rate_upload", rounded(s.bit_rate_upload_kbps)},
                           {"packet_rate_download", rounded(s.packet_rate_download)},
                           {"packet_rate_upload", rounded(s.packet_rate_upload)},
                           {"rtt_aggregate", s.rtt_aggregate_ms}});
}

void add_gauges(Statistics& out, const BridgeStats& s) {
    out.insert(out.end(), {{"num_eps_oversending", std::uint64_t{s.oversending_endpoints}},
                           {"octo_conferences", std::uint64_t{0}},
                           {"inactive_conferences", std::uint64_t{s.inactive_conferences}},
                           {"p2p_conferences", std::uint64_t{s.p2p_conferences}},
                           {"endpoints", std::uint64_t{s.endpoints}},
                           {"participants", std::uint64_t{s.endpoints}},
                           {"receive_only_endpoints", std::uint64_t{s.receive_only_endpoints}},
                           {"inactive_endpoints", std::uint64_t{s.inactive_endpoints}},
                           {"octo_endpoints", std::uint64_t{0}},
                           {"endpoints_sending_audio", std::uint64_t{s.endpoints_sending_audio}},
                           {"endpoints_sending_video", std::uint64_t{s.endpoints_sending_video}},
                           {"largest_conference", std::uint64_t{s.largest_conference}},
                           {"octo_receive_bitrate", std::uint64_t{0}},
                           {"octo_receive_packet_rate", std::uint64_t{0}},
                           {"octo_send_bitrate", std::uint64_t{0}},
                           {"octo_send_packet_rate", std::uint64_t{0}},
                           {"endpoints_with_suspended_sources",
                            std::uint64_t{s.suspended_source_endpoints}}});
}

void add_totals(Statistics& out, const BridgeStats& s) {
    const MediaCounters& m = s.media;
    out.insert(out.end(), {{"total_conferences_created", s.total_conferences_created},
                           {"total_conferences_completed", s.total_conferences_completed},
                           {"total_conference_seconds", s.total_conference_seconds},
                           {"total_participants", s.total_participants},
                           {"total_visitors", s.total_visitors},
                           {"num_eps_no_msg_transport_after_delay", m.endpoints_without_channel},
                           {"total_relays", std::uint64_t{0}},
                           {"num_relays_no_msg_transport_after_delay", std::uint64_t{0}},
                           {"total_keyframes_received", m.keyframes_received},
                           {"total_layering_changes_received", m.layering_changes_received},
                           {"stress_level", s.stress_level},
                           {"conferences", std::uint64_t{s.conferences}},
                           {"visitors", std::uint64_t{s.visitors}},
                           {"local_endpoints", std::uint64_t{s.endpoints}},
                           {"total_data_channel_messages_received",
                            m.channel_messages_received - m.web_socket_messages_received},
                           {"total_data_channel_messages_sent",
                            m.channel_messages_sent - m.web_socket_messages_sent},
                           {"total_colibri_web_socket_messages_received",
                            m.web_socket_messages_received},
                           {"total_colibri_web_socket_messages_sent", m.web_socket_messages_sent},
                           {"total_bytes_received", m.bytes_received},
                           {"endpoints_ice_failed", m.ice_failed},
                           {"dtls_failed_endpoints", m.dtls_failed},
                           {"relays_ice_failed", std::uint64_t{0}},
                           {"dtls_failed_relays", std::uint64_t{0}},
                           {"total_bytes_sent", m.bytes_sent},
                           {"total_packets_received", m.packets_received},
                           {"total_packets_sent", m.packets_sent},
                           {"total_bytes_received_octo", std::uint64_t{0}},
                           {"total_bytes_sent_octo", std::uint64_t{0}},
                           {"total_packets_received_octo", std::uint64_t{0}},
                           {"total_packets_sent_octo", std::uint64_t{0}},
                           {"total_dominant_speaker_changes", m.dominant_speaker_changes},
                           {"total_ice_failed", m.ice_failed},
                           {"total_ice_succeeded", m.ice_succeeded},
                           {"total_ice_succeeded_relayed", std::uint64_t{0}}});
}

}  // namespace

Statistics make_statistics(const Bridge& bridge, const MucClients& clients) {
    const BridgeStats& s = bridge.stats();
    const BridgeConfig& config = bridge.config();
    Statistics out;
    add_load(out, s);
    add_gauges(out, s);
    add_totals(out, s);
    const ShutdownState state = bridge.shutdown_state();
    out.insert(out.end(), {{"average_participant_stress", config.average_participant_stress},
                           {"threads", s.threads},
                           {"graceful_shutdown", state == ShutdownState::graceful_shutdown},
                           {"shutting_down", state == ShutdownState::shutting_down},
                           {"drain", bridge.drain()},
                           {"current_timestamp", timestamp()}});
    if (!config.relay_id.empty()) out.emplace_back("relay_id", config.relay_id);
    out.insert(out.end(), {{"muc_clients_configured", std::uint64_t{clients.configured}},
                           {"muc_clients_connected", std::uint64_t{clients.connected}},
                           {"mucs_configured", std::uint64_t{clients.configured}},
                           {"mucs_joined", std::uint64_t{clients.joined}},
                           {"healthy", bridge.health().has_value()},
                           {"endpoints_disconnected", s.media.endpoints_disconnected},
                           {"endpoints_reconnected", s.media.endpoints_reconnected},
                           {"version", config.version}});
    if (!config.region.empty()) out.emplace_back("region", config.region);
    return out;
}

xmpp::BridgeStats to_presence(const Statistics& statistics) {
    xmpp::BridgeStats stats;
    for (const auto& [name, value] : statistics) {
        std::visit([&stats, &key = name](const auto& v) { stats.add(key, v); }, value);
    }
    return stats;
}

std::string to_json(const Statistics& statistics) {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
    json.SetIndent(' ', 1);
    json.StartObject();
    for (const auto& [name, value] : statistics) {
        json.Key(name);
        if (const auto* flag = std::get_if<bool>(&value)) json.Bool(*flag);
        if (const auto* count = std::get_if<std::uint64_t>(&value)) json.Uint64(*count);
        // JSON has no NaN.
        if (const auto* number = std::get_if<double>(&value)) {
            json.Double(std::isfinite(*number) ? *number : 0.0);
        }
        if (const auto* text = std::get_if<std::string>(&value)) json.String(*text);
    }
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace jmeet::bridge
