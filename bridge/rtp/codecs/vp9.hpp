// VP9 payload descriptor: RFC 9628 section 4.2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace jmeet::bridge {

// LIMIT: the field has three bits.
inline constexpr std::size_t kMaxVp9SpatialLayers = 8;

struct Vp9Scalability {
    std::uint8_t spatial_layers = 1;
    bool has_sizes = false;
    std::array<std::uint16_t, kMaxVp9SpatialLayers> width{};
    std::array<std::uint16_t, kMaxVp9SpatialLayers> height{};
    std::uint8_t pictures_in_group = 0;
    std::uint8_t temporal_layers = 0;  // highest temporal id of the group + 1; 0 = not said
};

struct Vp9Descriptor {
    std::optional<std::uint16_t> picture_id;
    bool long_picture_id = false;
    bool inter_picture_predicted = false;  // P
    bool flexible = false;                 // F
    bool start_of_frame = false;           // B
    bool end_of_frame = false;             // E
    bool not_reference_for_upper = false;  // Z
    bool has_layer = false;                // L: temporal and spatial are present
    std::uint8_t temporal = 0;
    std::uint8_t spatial = 0;
    bool switching_up_point = false;     // U
    bool inter_layer_dependency = false;  // D
    std::optional<std::uint8_t> tl0picidx;
    std::optional<Vp9Scalability> scalability;
    std::uint8_t size = 0;  // bytes of the descriptor

    // First packet of a frame that needs nothing before its picture.
    bool starts_keyframe() const {
        return start_of_frame && !inter_picture_predicted && spatial == 0;
    }

    static std::optional<Vp9Descriptor> parse(BytesView payload);
};

}  // namespace jmeet::bridge
