// Temporal layers of a stream whose packets carry frame marking (H.264): which frames a receiver
// gets and can decode.
//
// One per projection; a frame is decided by its first packet to arrive. Down at once; up one layer
// at a time, where a frame leans on the base layer alone. A key frame opens all layers.
#pragma once

#include <algorithm>

#include "bridge/forward/encoding_switch.hpp"
#include "bridge/rtp/codecs/frame_marking.hpp"

namespace jmeet::bridge {

class MarkingFilter {
 public:
    // `allowed`: the receiver's target has this layer.
    bool decide(const FrameMarking& frame, bool allowed) {
        if (frame.independent) open_ = kAll;
        const int layer = frame.temporal;
        if (layer == 0) return true;
        if (!allowed) {
            // Later frames may lean on this one.
            if (!frame.discardable) open_ = std::min(open_, layer - 1);
            return false;
        }
        if (layer <= open_) return true;
        if (!frame.base_sync) return false;
        if (layer == open_ + 1) open_ = layer;
        return true;
    }

 private:
    static constexpr int kAll = 7;
    int open_ = kAll;  // the highest layer that can be decoded
};

}  // namespace jmeet::bridge
