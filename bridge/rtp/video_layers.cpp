#include "bridge/rtp/video_layers.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

// LIMIT: five bytes of seven bits; more than a sender's rate in kbit/s ever needs.
std::uint32_t read_leb128(ByteReader& in) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        const std::uint8_t byte = in.u8();
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (!(byte & 0x80)) break;
    }
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, 0xffff'ffff));
}

// One mask for all streams in the first byte, or, when that is zero, one of four bits for each.
void read_layers(ByteReader& in, std::uint8_t head, unsigned streams, VideoLayers& out) {
    const unsigned shared = head & 0x0f;
    std::uint8_t pair = 0;
    for (unsigned stream = 0; stream < streams; ++stream) {
        if (shared == 0 && stream % 2 == 0) pair = in.u8();
        const unsigned own = stream % 2 == 0 ? pair >> 4 : pair & 0x0f;
        const unsigned mask = shared ? shared : own;
        for (unsigned spatial = 0; spatial < 4; ++spatial) {
            if (!(mask >> spatial & 1u)) continue;
            AllocatedLayer& layer = out.layers[out.count++];
            layer.stream = static_cast<std::uint8_t>(stream);
            layer.spatial = static_cast<std::uint8_t>(spatial);
        }
    }
}

}  // namespace

std::optional<VideoLayers> VideoLayers::parse(BytesView data) {
    VideoLayers out;
    if (data.size() == 1 && data[0] == 0) return out;
    ByteReader in(data);
    const std::uint8_t head = in.u8();
    out.own_stream = head >> 6;
    read_layers(in, head, (head >> 4 & 3u) + 1u, out);
    const auto layers = std::span(out.layers).first(out.count);
    std::uint8_t counts = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (i % 4 == 0) counts = in.u8();
        const unsigned said = counts >> (6 - 2 * (i % 4)) & 3u;
        layers[i].temporal_layers = static_cast<std::uint8_t>(said + 1);
    }
    for (auto& layer : layers) {
        for (unsigned t = 0; t < layer.temporal_layers; ++t) layer.kbps[t] = read_leb128(in);
    }
    if (in.remaining() >= layers.size() * 5) {
        for (auto& layer : layers) {
            layer.width = static_cast<std::uint16_t>(std::min(in.u16() + 1, 0xffff));
            layer.height = static_cast<std::uint16_t>(std::min(in.u16() + 1, 0xffff));
            layer.fps = in.u8();
        }
    }
    if (!in.ok()) return std::nullopt;
    return out;
}

}  // namespace jmeet::bridge
