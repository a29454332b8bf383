// Spatial and temporal layers of one VP9 encoding: SVC, K-SVC, or neither.
//
// Asked for the first packet of each frame (picture and spatial layer); knows for each spatial
// layer whether its last base frame was forwarded, so that a layer is only entered where its
// references are. One per projection; a small value. RFC 9628.
#pragma once

#include <array>
#include <cstdint>

#include "bridge/forward/encoding_switch.hpp"
#include "bridge/rtp/codecs/vp9.hpp"

namespace jmeet::bridge {

class Vp9Filter {
 public:
    struct Target {
        int spatial = 0;
        int temporal = 0;
        EncodingSwitch::Pending pending = EncodingSwitch::Pending::none;
    };

    void reset() { *this = {}; }

    LayerDecision decide(const Vp9Descriptor& frame, const Target& target);
    // The marker belongs to the end of the highest layer that is forwarded of a picture.
    bool ends_picture(const Vp9Descriptor& frame, const Target& target) const;

 private:
    int wanted(const Target& target) const;
    bool decodable(const Vp9Descriptor& frame) const;

    std::array<bool, kMaxVp9SpatialLayers> base_forwarded_{};
    int current_ = 0;
    int layers_ = static_cast<int>(kMaxVp9SpatialLayers);
    bool in_keyframe_ = false;
};

}  // namespace jmeet::bridge
