// Video layers allocation: the sender's own word on its layers, in a header extension of some
// packets (http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00).
//
// It needs neither the codec nor the payload, so it also describes what is encrypted from end to
// end. Values; any thread; nothing allocates.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace jmeet::bridge {

struct AllocatedLayer {
    std::uint8_t stream = 0;  // position of the encoding in the source
    std::uint8_t spatial = 0;
    std::uint8_t temporal_layers = 0;
    std::array<std::uint32_t, 4> kbps{};  // of each temporal layer with those below it
    std::uint16_t width = 0;              // 0 = not said
    std::uint16_t height = 0;
    std::uint8_t fps = 0;
};

struct VideoLayers {
    // LIMIT: the format has two bits for streams and four for spatial layers of each.
    static constexpr std::size_t kMax = 16;

    std::uint8_t own_stream = 0;  // which stream the packet is of
    std::uint8_t count = 0;
    std::array<AllocatedLayer, kMax> layers{};

    std::span<const AllocatedLayer> all() const { return std::span(layers).first(count); }

    // A single zero byte says: nothing is sent. Empty = malformed.
    static std::optional<VideoLayers> parse(BytesView data);
};

}  // namespace jmeet::bridge
