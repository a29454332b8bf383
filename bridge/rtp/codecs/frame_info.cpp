#include "bridge/rtp/codecs/frame_info.hpp"

#include <algorithm>

#include "bridge/rtp/codecs/h264.hpp"

namespace jmeet::bridge {

namespace {

bool use_vp8(const RtpPacket& packet, FrameInfo& frame) {
    const auto d = Vp8Descriptor::parse(packet.payload());
    if (!d) return false;
    frame.starts_keyframe = d->starts_keyframe;
    frame.start_of_frame = d->start_of_frame();
    frame.end_of_frame = packet.marker();
    frame.temporal = d->temporal.value_or(0);
    frame.width = d->width;
    frame.height = d->height;
    frame.parsed = d->picture_id && d->temporal;
    frame.detail = *d;
    return true;
}

bool use_vp9(const RtpPacket& packet, FrameInfo& frame) {
    const auto d = Vp9Descriptor::parse(packet.payload());
    if (!d) return false;
    frame.starts_keyframe = d->starts_keyframe();
    frame.start_of_frame = d->start_of_frame;
    frame.end_of_frame = d->end_of_frame;
    frame.spatial = d->spatial;
    frame.temporal = d->temporal;
    if (d->scalability && d->scalability->has_sizes) {
        const std::size_t top = d->scalability->spatial_layers - 1u;
        frame.width = d->scalability->width[top];
        frame.height = d->scalability->height[top];
    }
    frame.parsed = d->picture_id.has_value();
    frame.detail = *d;
    return true;
}

void use_generic(Codec codec, const RtpPacket& packet, FrameInfo& frame) {
    if (codec == Codec::h264) frame.starts_keyframe = h264_starts_keyframe(packet.payload());
    if (codec == Codec::av1) frame.starts_keyframe = av1_starts_keyframe(packet.payload());
    frame.start_of_frame = frame.starts_keyframe;
    frame.end_of_frame = packet.marker();
}

// False for a descriptor that the stream's structures do not explain. Without a descriptor the
// frame stays as it is; before the first structure it is no key frame, whatever the payload looks
// like: that may be encrypted from end to end, and random bytes look like an IDR slice soon.
bool use_descriptor(const RtpPacket& packet, std::uint8_t dd_id, DdParser& dd, FrameInfo& frame) {
    const auto data = packet.find_extension(dd_id);
    if (!data) return true;
    const auto d = dd.parse(*data);
    if (!d) {
        frame.starts_keyframe = false;
        return !dd.has_structure();
    }
    frame.starts_keyframe = d->starts_keyframe();
    frame.start_of_frame = d->start_of_frame;
    frame.end_of_frame = d->end_of_frame;
    frame.spatial = d->spatial;
    frame.temporal = d->temporal;
    const DdStructure& structure = dd.structure();
    if (d->has_structure && structure.has_resolutions) {
        frame.width = structure.width[structure.spatial_layers - 1u];
        frame.height = structure.height[structure.spatial_layers - 1u];
    }
    frame.parsed = true;
    frame.detail = *d;
    return true;
}

void use_marking(const RtpPacket& packet, std::uint8_t marking_id, FrameInfo& frame) {
    const auto element = packet.find_extension(marking_id);
    const auto m = element ? FrameMarking::parse(*element) : std::nullopt;
    if (!m) return;
    frame.starts_keyframe = m->start_of_frame && m->independent;
    frame.start_of_frame = m->start_of_frame;
    frame.end_of_frame = m->end_of_frame || packet.marker();
    frame.temporal = m->temporal;
    frame.detail = *m;
}

}  // namespace

std::optional<FrameInfo> parse_frame_info(Codec codec, const RtpPacket& packet, std::uint8_t dd_id,
                                          DdParser& dd, std::uint8_t marking_id) {
    if (packet.payload().empty()) return {};
    FrameInfo frame;
    frame.codec = codec;
    if (codec == Codec::vp8) {
        if (!use_vp8(packet, frame)) return {};
    } else if (codec == Codec::vp9) {
        if (!use_vp9(packet, frame)) return {};
    } else {
        use_generic(codec, packet, frame);
    }
    if (!frame.parsed && !use_descriptor(packet, dd_id, dd, frame)) return {};
    if (codec == Codec::h264 && !frame.parsed) use_marking(packet, marking_id, frame);
    return frame;
}

}  // namespace jmeet::bridge
