#include "bridge/rtp/codecs/vp8.hpp"

namespace jmeet::bridge {

namespace {

// RFC 6386 section 9.1: three bytes of frame tag, three of start code, two of each dimension.
void read_keyframe_header(BytesView frame, Vp8Descriptor& d) {
    constexpr std::size_t kHeader = 10;
    if (frame.size() < kHeader) return;
    if (frame[3] != 0x9d || frame[4] != 0x01 || frame[5] != 0x2a) return;
    d.width = static_cast<std::uint16_t>((frame[6] | (frame[7] << 8)) & 0x3fff);
    d.height = static_cast<std::uint16_t>((frame[8] | (frame[9] << 8)) & 0x3fff);
}

void read_extensions(ByteReader& in, Vp8Descriptor& d) {
    const std::uint8_t flags = in.u8();
    if (flags & 0x80) {
        const std::uint8_t first = in.u8();
        d.long_picture_id = first & 0x80;
        d.picture_id = d.long_picture_id
                           ? static_cast<std::uint16_t>(((first & 0x7f) << 8) | in.u8())
                           : first;
    }
    if (flags & 0x40) d.tl0picidx = in.u8();
    if (flags & 0x30) {
        const std::uint8_t byte = in.u8();
        if (flags & 0x20) {
            d.temporal = byte >> 6;
            d.layer_sync = byte & 0x20;
        }
        if (flags & 0x10) d.key_index = byte & 0x1f;
    }
}

}  // namespace

std::optional<Vp8Descriptor> Vp8Descriptor::parse(BytesView payload) {
    ByteReader in(payload);
    Vp8Descriptor d;
    const std::uint8_t head = in.u8();
    d.non_reference = head & 0x20;
    d.start_of_partition = head & 0x10;
    d.partition = head & 0x07;
    if (head & 0x80) read_extensions(in, d);
    if (!in.ok() || in.remaining() == 0) return {};
    d.size = static_cast<std::uint8_t>(in.position());
    const BytesView frame = payload.subspan(d.size);
    if (d.start_of_frame() && !(frame[0] & 0x01)) {
        d.starts_keyframe = true;
        read_keyframe_header(frame, d);
    }
    return d;
}

std::size_t write_vp8_descriptor(BytesView payload, const Vp8Descriptor& source,
                                 std::uint16_t picture_id, std::uint8_t tl0picidx, Bytes out) {
    if (payload.size() < source.size || source.size == 0) return 0;
    ByteWriter writer(out);
    writer.u8(payload[0]);
    if (source.size > 1) {
        writer.u8(payload[1]);
        if (source.picture_id) writer.u16(static_cast<std::uint16_t>(0x8000 | picture_id));
        if (source.tl0picidx) writer.u8(tl0picidx);
        if (source.temporal || source.key_index) writer.u8(payload[source.size - 1]);
    }
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge
