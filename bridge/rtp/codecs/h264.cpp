#include "bridge/rtp/codecs/h264.hpp"

namespace jmeet::bridge {

namespace {

constexpr unsigned kIdr = 5;
constexpr unsigned kSps = 7;
constexpr unsigned kStapA = 24;
constexpr unsigned kFuA = 28;

bool starts_keyframe(std::uint8_t nal_header) {
    const unsigned type = nal_header & 0x1f;
    return type == kIdr || type == kSps;
}

bool stap_starts_keyframe(ByteReader in) {
    while (in.remaining() > 2) {
        const BytesView unit = in.bytes(in.u16());
        if (!unit.empty() && starts_keyframe(unit.front())) return true;
    }
    return false;
}

}  // namespace

bool h264_starts_keyframe(BytesView payload) {
    if (payload.empty()) return false;
    const unsigned type = payload[0] & 0x1f;
    if (type == kStapA) return stap_starts_keyframe(ByteReader(payload.subspan(1)));
    if (type == kFuA) {
        const bool first_fragment = payload.size() > 1 && (payload[1] & 0x80);
        return first_fragment && starts_keyframe(payload[1]);
    }
    return starts_keyframe(payload[0]);
}

}  // namespace jmeet::bridge
