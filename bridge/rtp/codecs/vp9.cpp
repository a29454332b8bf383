#include "bridge/rtp/codecs/vp9.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

void read_picture_id(ByteReader& in, Vp9Descriptor& d) {
    const std::uint8_t first = in.u8();
    d.long_picture_id = first & 0x80;
    d.picture_id = d.long_picture_id
                       ? static_cast<std::uint16_t>(((first & 0x7f) << 8) | in.u8())
                       : first;
}

void read_layer(ByteReader& in, Vp9Descriptor& d) {
    const std::uint8_t byte = in.u8();
    d.has_layer = true;
    d.temporal = byte >> 5;
    d.switching_up_point = byte & 0x10;
    d.spatial = (byte >> 1) & 0x07;
    d.inter_layer_dependency = byte & 0x01;
    if (!d.flexible) d.tl0picidx = in.u8();
}

// Up to three P_DIFF bytes; the N bit says that another follows.
bool skip_reference_diffs(ByteReader& in) {
    constexpr int kMaxDiffs = 3;
    for (int i = 0; i < kMaxDiffs; ++i) {
        if (!(in.u8() & 0x01)) return true;
    }
    return false;
}

Vp9Scalability read_scalability(ByteReader& in) {
    Vp9Scalability s;
    const std::uint8_t head = in.u8();
    s.spatial_layers = static_cast<std::uint8_t>((head >> 5) + 1);
    s.has_sizes = head & 0x10;
    if (s.has_sizes) {
        for (std::size_t i = 0; i < s.spatial_layers; ++i) {
            s.width[i] = in.u16();
            s.height[i] = in.u16();
        }
    }
    if (head & 0x08) {
        s.pictures_in_group = in.u8();
        for (unsigned i = 0; i < s.pictures_in_group && in.ok(); ++i) {
            const std::uint8_t picture = in.u8();
            in.skip((picture >> 2) & 0x03);  // reference differences
            s.temporal_layers = std::max<std::uint8_t>(
                s.temporal_layers, static_cast<std::uint8_t>((picture >> 5) + 1));
        }
    }
    return s;
}

}  // namespace

std::optional<Vp9Descriptor> Vp9Descriptor::parse(BytesView payload) {
    ByteReader in(payload);
    Vp9Descriptor d;
    const std::uint8_t head = in.u8();
    d.inter_picture_predicted = head & 0x40;
    d.flexible = head & 0x10;
    d.start_of_frame = head & 0x08;
    d.end_of_frame = head & 0x04;
    d.not_reference_for_upper = head & 0x01;
    if (head & 0x80) read_picture_id(in, d);
    if (head & 0x20) read_layer(in, d);
    if (d.flexible && d.inter_picture_predicted && !skip_reference_diffs(in)) return {};
    if (head & 0x02) d.scalability = read_scalability(in);
    // A group of 255 pictures makes 1,024 bytes at most: no sender has that.
    if (!in.ok() || in.remaining() == 0 || in.position() > 255) return {};
    d.size = static_cast<std::uint8_t>(in.position());
    return d;
}

}  // namespace jmeet::bridge
