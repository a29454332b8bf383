#include "bridge/rtp/codecs/frame_marking.hpp"

namespace jmeet::bridge {

std::optional<FrameMarking> FrameMarking::parse(BytesView element) {
    if (element.empty()) return {};
    const std::uint8_t bits = element.front();
    FrameMarking m;
    m.start_of_frame = bits & 0x80;
    m.end_of_frame = bits & 0x40;
    m.independent = bits & 0x20;
    m.discardable = bits & 0x10;
    if (element.size() == 1) return m;  // these bits are reserved there
    m.base_sync = bits & 0x08;
    m.temporal = bits & 0x07;
    return m;
}

}  // namespace jmeet::bridge
