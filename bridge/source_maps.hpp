// VideoSourcesMap and AudioSourcesMap from an SSRC rewriter's mappings.
#pragma once

#include <span>

#include "bridge/channel_session.hpp"
#include "bridge/forward/ssrc_rewriter.hpp"

namespace jmeet::bridge {

void send_audio_map(ChannelSession& channel, std::span<const SlotMapping> mappings);
void send_video_map(ChannelSession& channel, std::span<const SlotMapping> mappings);

}  // namespace jmeet::bridge
