#include "bridge/arrived_video.hpp"

#include "bridge/video_output.hpp"

namespace jmeet::bridge {

void ArrivedVideo::add(ArrivedPacket packet) {
    const auto place = static_cast<std::uint8_t>(packets_.size());
    // A structure may be another one with the next packet of its stream.
    const bool waits = packet.structure == nullptr;
    bool first = true;
    for (std::size_t i = packets_.size(); first && i-- > 0;) {
        if (packets_[i].arrived.source != packet.source) continue;
        packets_[i].next = place;
        first = false;
    }
    packets_.push_back({std::move(packet), kNone, first, false});
    if (!waits || packets_.size() == kMax) forward();
}

void ArrivedVideo::forward() {
    for (Entry& first : packets_) {
        if (!first.first) continue;
        for (ForwardedVideo* target : first.arrived.source->targets()) {
            Entry* entry = &first;
            for (;;) {
                const ArrivedPacket& p = entry->arrived;
                entry->sent |= target->on_packet(
                    {p.rtp, p.frame, p.encoding, p.structure, p.arrival}, *p.extensions);
                if (entry->next == kNone) break;
                entry = &packets_[entry->next];
            }
        }
    }
    // What nobody got, nobody can ask for again.
    for (const Entry& entry : packets_) {
        const ArrivedPacket& p = entry.arrived;
        if (!entry.sent) continue;
        VideoStream* const stream = p.source->stream(p.encoding);
        if (stream) stream->history().insert(p.packet);
    }
    packets_.clear();
}

}  // namespace jmeet::bridge
