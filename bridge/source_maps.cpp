#include "bridge/source_maps.hpp"

#include "bridge/channel/messages.hpp"

namespace jmeet::bridge {
namespace {

std::vector<channel::MappedSource> to_message(std::span<const SlotMapping> mappings,
                                              MediaType type) {
    std::vector<channel::MappedSource> out;
    out.reserve(mappings.size());
    for (const auto& m : mappings) {
        channel::MappedSource mapped;
        mapped.source = m.source.name;
        mapped.owner = m.source.owner;
        mapped.ssrc = m.ssrc;
        mapped.mid = m.mid;
        if (type == MediaType::video) {
            mapped.rtx = m.rtx;
            mapped.video_type = m.source.video_type;
        }
        out.push_back(std::move(mapped));
    }
    return out;
}

}  // namespace

void send_audio_map(ChannelSession& channel, std::span<const SlotMapping> mappings) {
    channel.send(channel::write_audio_sources_map(to_message(mappings, MediaType::audio)));
}

void send_video_map(ChannelSession& channel, std::span<const SlotMapping> mappings) {
    channel.send(channel::write_video_sources_map(to_message(mappings, MediaType::video)));
}

}  // namespace jmeet::bridge
