#include "bridge/stats_builder.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include "bridge/load.hpp"

namespace jmeet::bridge {
namespace {

double loss(std::uint64_t lost, std::uint64_t got) {
    return lost + got == 0 ? 0.0 : static_cast<double>(lost) / static_cast<double>(lost + got);
}

std::uint64_t count_threads() {
    std::ifstream file("/proc/self/status");
    std::string word;
    while (file >> word) {
        if (word != "Threads:") continue;
        std::uint64_t n = 0;
        file >> n;
        return n;
    }
    return 0;
}

}  // namespace

void StatsBuilder::on_report(const MediaReport& report, TimePoint now) {
    const MediaCounters& was = stats_.media;
    const MediaCounters& is = report.counters;
    if (last_report_ && now > *last_report_) {
        const double s = std::chrono::duration<double>(now - *last_report_).count();
        stats_.packet_rate_download = (is.packets_received - was.packets_received) / s;
        stats_.packet_rate_upload = (is.packets_sent - was.packets_sent) / s;
        stats_.bit_rate_download_kbps = (is.bytes_received - was.bytes_received) * 8 / s / 1000;
        stats_.bit_rate_upload_kbps = (is.bytes_sent - was.bytes_sent) * 8 / s / 1000;
        stats_.incoming_loss = loss(is.rtp_lost_incoming - was.rtp_lost_incoming,
                                    is.rtp_received - was.rtp_received);
        stats_.outgoing_loss =
            loss(is.rtp_lost_outgoing - was.rtp_lost_outgoing, is.rtp_sent - was.rtp_sent);
    }
    last_report_ = now;
    stats_.media = is;
    stats_.endpoints_sending_audio = report.endpoints_sending_audio;
    stats_.endpoints_sending_video = report.endpoints_sending_video;
    stats_.receive_only_endpoints = report.receive_only_endpoints;
    stats_.inactive_endpoints = report.inactive_endpoints;
    stats_.inactive_conferences = report.inactive_conferences;
    stats_.p2p_conferences = report.p2p_conferences;
    stats_.oversending_endpoints = report.oversending_endpoints;
    stats_.suspended_source_endpoints = report.suspended_source_endpoints;
    stats_.high_loss_endpoints = report.high_loss_endpoints;
    stats_.unmatched_feedback = report.unmatched_feedback;
    stats_.most_forwarded = report.most_forwarded;
    stats_.rtt_aggregate_ms = report.rtt_count ? report.rtt_sum_ms / report.rtt_count : 0;
    stats_.jitter_aggregate_ms =
        report.jitter_count ? report.jitter_sum_ms / report.jitter_count : 0;
}

void StatsBuilder::update(const ColibriHandler& handler, const BridgeConfig& config) {
    stats_.conferences = static_cast<std::uint32_t>(handler.conferences().size());
    stats_.endpoints = static_cast<std::uint32_t>(handler.endpoint_count());
    stats_.visitors = stats_.largest_conference = 0;
    stats_.local_audio_sources = stats_.local_video_sources = 0;
    for (const auto& [id, conference] : handler.conferences()) {
        const auto size = static_cast<std::uint32_t>(conference.endpoints.size());
        stats_.largest_conference = std::max(stats_.largest_conference, size);
        for (const auto& [name, endpoint] : conference.endpoints) {
            stats_.visitors += endpoint.visitor ? 1 : 0;
            stats_.local_audio_sources += static_cast<std::uint32_t>(endpoint.audio_sources);
            stats_.local_video_sources += static_cast<std::uint32_t>(endpoint.video_sources);
        }
    }
    const auto& totals = handler.totals();
    stats_.total_conferences_created = totals.conferences_created;
    stats_.total_conferences_completed = totals.conferences_completed;
    stats_.total_conference_seconds = totals.conference_seconds;
    stats_.total_participants = totals.participants + totals.visitors;
    stats_.total_visitors = totals.visitors;
    stats_.threads = count_threads();
    stats_.stress_level =
        stress_of(stats_.cpu_usage, stats_.packet_rate_download + stats_.packet_rate_upload,
                  {.cpu = 0.9, .packets_per_second = config.load_packets_per_second});
}

}  // namespace jmeet::bridge
