// Layers of a video source and which of them may be chosen under a height limit.
//
// Values. The receive side fills Layer from what it has learnt and measured; the allocator picks
// one. A layer's index is the one number that says what to forward: (encoding << 6) |
// (spatial << 3) | temporal, for dependency-descriptor streams (encoding << 6) | decode target.
// Any thread. Layer choice as in JVB's single source allocation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bridge/rtp/layer_index.hpp"
#include "bridge/rtp/media.hpp"

namespace jmeet::bridge {

struct Layer {
    LayerIndex index = 0;
    int height = -1;          // the smaller dimension; -1 unknown
    double frame_rate = -1;   // -1 unknown
    std::uint64_t bitrate = 0;  // bps, measured, with everything this layer depends on
};

// LIMIT: 3 encodings x 3 spatial x 4 temporal ids, or 3 x 32 decode targets; the sum that fits
// both of what browsers send and a bounded list.
constexpr std::size_t kMaxLayersPerSource = 96;

// -1 = unlimited, 0 = nothing. A frame rate other than 0 is kept but chooses no layer (as JVB).
struct VideoConstraints {
    static constexpr std::int32_t kUnlimited = -1;
    std::int32_t max_height = kUnlimited;
    double max_frame_rate = kUnlimited;

    bool disabled() const { return max_height == 0 || max_frame_rate == 0; }
    bool operator==(const VideoConstraints&) const = default;
};

enum class Stage : std::uint8_t { off, on };

// What allocation walks through, lowest first. Indices point into `layers`; -1 = none.
struct ConsideredLayers {
    std::vector<Layer> layers;
    int preferred = -1;
    int oversend = -1;
};

struct AllocationConfig;

ConsideredLayers consider_layers(std::span<const Layer> layers, VideoType type,
                                 const VideoConstraints& constraints, Stage stage,
                                 const AllocationConfig& config);

// The layers assumed for a signalled source until packets say better: each encoding has heights
// 180, 360, 720, ... and three temporal layers of 7.5, 15 and 30 fps.
std::vector<Layer> assumed_layers(std::size_t encodings);

// Types whose video nobody gets: a muted camera says "none".
constexpr bool sends_video(VideoType type) {
    return type != VideoType::none && type != VideoType::disabled;
}

}  // namespace jmeet::bridge
