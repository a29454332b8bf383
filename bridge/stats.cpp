#include "bridge/stats.hpp"

#include <iterator>

namespace jmeet::bridge {

namespace {

constexpr std::uint64_t MediaCounters::*kCounts[] = {
    &MediaCounters::packets_received,
    &MediaCounters::packets_sent,
    &MediaCounters::bytes_received,
    &MediaCounters::bytes_sent,
    &MediaCounters::rtp_received,
    &MediaCounters::rtp_sent,
    &MediaCounters::rtp_lost_incoming,
    &MediaCounters::rtp_lost_outgoing,
    &MediaCounters::retransmissions_sent,
    &MediaCounters::keyframe_requests_received,
    &MediaCounters::keyframe_requests_sent,
    &MediaCounters::nacks_received,
    &MediaCounters::nacks_sent,
    &MediaCounters::ice_succeeded,
    &MediaCounters::ice_failed,
    &MediaCounters::ice_restarts_started,
    &MediaCounters::ice_restarts_rejected,
    &MediaCounters::ice_restarts_not_established,
    &MediaCounters::ice_restarts_succeeded,
    &MediaCounters::endpoints_disconnected,
    &MediaCounters::endpoints_reconnected,
    &MediaCounters::dtls_succeeded,
    &MediaCounters::dtls_failed,
    &MediaCounters::dominant_speaker_changes,
    &MediaCounters::channel_messages_received,
    &MediaCounters::channel_messages_sent,
    &MediaCounters::channel_messages_dropped,
    &MediaCounters::web_socket_messages_received,
    &MediaCounters::web_socket_messages_sent,
    &MediaCounters::keyframes_received,
    &MediaCounters::layering_changes_received,
    &MediaCounters::channel_messages_over_limit,
    &MediaCounters::data_channels_opened,
    &MediaCounters::endpoints_without_channel,
    &MediaCounters::packets_handed_over,
};
static_assert(sizeof(MediaCounters) ==
                  std::size(kCounts) * sizeof(std::uint64_t) + sizeof(TransitTimes) +
                      sizeof(DropCounters),
              "a count is missing in the list");

}  // namespace

MediaCounters& MediaCounters::operator+=(const MediaCounters& other) {
    for (const auto count : kCounts) this->*count += other.*count;
    transit += other.transit;
    drops += other.drops;
    return *this;
}

}  // namespace jmeet::bridge
