// Numbers of one bridge, as of the last second. Values; made on the media worker, summed and
// completed on the control side, read by presence, /colibri/stats and /metrics.
#pragma once

#include <cstdint>
#include <optional>

#include "bridge/net/drop_reason.hpp"
#include "bridge/net/transit_times.hpp"

namespace jmeet::bridge {

// Plain integers that a media worker counts up for ever.
struct MediaCounters {
    std::uint64_t packets_received = 0;
    std::uint64_t packets_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t rtp_received = 0;
    std::uint64_t rtp_sent = 0;
    std::uint64_t rtp_lost_incoming = 0;
    std::uint64_t rtp_lost_outgoing = 0;
    std::uint64_t retransmissions_sent = 0;
    std::uint64_t keyframe_requests_received = 0;
    std::uint64_t keyframe_requests_sent = 0;
    std::uint64_t nacks_received = 0;
    std::uint64_t nacks_sent = 0;
    std::uint64_t ice_succeeded = 0;
    std::uint64_t ice_failed = 0;
    std::uint64_t ice_restarts_started = 0;
    std::uint64_t ice_restarts_rejected = 0;
    std::uint64_t ice_restarts_not_established = 0;
    std::uint64_t ice_restarts_succeeded = 0;
    std::uint64_t endpoints_disconnected = 0;  // fell silent, without having left
    std::uint64_t endpoints_reconnected = 0;
    std::uint64_t dtls_succeeded = 0;
    std::uint64_t dtls_failed = 0;
    std::uint64_t dominant_speaker_changes = 0;
    std::uint64_t channel_messages_received = 0;
    std::uint64_t channel_messages_sent = 0;
    std::uint64_t channel_messages_dropped = 0;
    std::uint64_t web_socket_messages_received = 0;  // of channel_messages_received
    std::uint64_t web_socket_messages_sent = 0;      // of channel_messages_sent
    std::uint64_t keyframes_received = 0;
    std::uint64_t layering_changes_received = 0;
    std::uint64_t channel_messages_over_limit = 0;
    std::uint64_t data_channels_opened = 0;
    std::uint64_t endpoints_without_channel = 0;  // half a minute after DTLS
    std::uint64_t packets_handed_over = 0;        // came to another worker than their conference's
    TransitTimes transit;
    DropCounters drops;

    MediaCounters& operator+=(const MediaCounters& other);
};

struct BridgeStats {
    MediaCounters media;

    // Gauges.
    std::uint32_t conferences = 0;
    std::uint32_t endpoints = 0;
    std::uint32_t visitors = 0;
    std::uint32_t largest_conference = 0;
    std::uint32_t endpoints_sending_audio = 0;
    std::uint32_t endpoints_sending_video = 0;
    std::uint32_t receive_only_endpoints = 0;
    std::uint32_t inactive_endpoints = 0;
    std::uint32_t inactive_conferences = 0;
    std::uint32_t p2p_conferences = 0;
    std::uint32_t oversending_endpoints = 0;
    std::uint32_t suspended_source_endpoints = 0;
    std::uint32_t high_loss_endpoints = 0;
    std::uint64_t unmatched_feedback = 0;
    std::optional<std::uint32_t> most_forwarded;  // sources to one receiver
    std::uint32_t local_audio_sources = 0;
    std::uint32_t local_video_sources = 0;
    double packet_rate_download = 0;  // received per second
    double packet_rate_upload = 0;
    double bit_rate_download_kbps = 0;
    double bit_rate_upload_kbps = 0;
    double incoming_loss = 0;  // fractions
    double outgoing_loss = 0;
    double rtt_aggregate_ms = 0;
    double jitter_aggregate_ms = 0;
    double cpu_usage = 0;  // 0..1 of all cores
    double cpu_steal = 0;  // 0..1, taken by the hypervisor
    double stress_level = 0;

    // Since start.
    std::uint64_t total_conferences_created = 0;
    std::uint64_t total_conferences_completed = 0;
    std::uint64_t total_conference_seconds = 0;
    std::uint64_t total_participants = 0;
    std::uint64_t total_visitors = 0;
    std::uint64_t threads = 0;
};

}  // namespace jmeet::bridge
