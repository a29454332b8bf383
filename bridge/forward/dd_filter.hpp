// Layers of one encoding that carries dependency descriptors (AV1, H.264, VP8 of some clients).
//
// A frame goes on when the current decode target contains it; another decode target is entered
// where the structure says that this is possible and what the frame refers to was sent. One per
// projection; a small value. AV1 RTP payload format, appendix A.
#pragma once

#include <cstdint>

#include "bridge/forward/encoding_switch.hpp"
#include "bridge/forward/frame_log.hpp"
#include "bridge/rtp/codecs/av1.hpp"

namespace jmeet::bridge {

class DdFilter {
 public:
    struct Target {
        int spatial = 0;
        int temporal = 0;
        EncodingSwitch::Pending pending = EncodingSwitch::Pending::none;
    };

    void reset() { *this = {}; }

    // The first packet of a frame.
    LayerDecision decide(const DependencyDescriptor& frame, const DdStructure& structure,
                  const Target& target, const FrameLog& log);
    // The marker belongs to the end of the decode target's spatial layer.
    bool ends_picture(const DependencyDescriptor& frame, const DdStructure& structure) const;

    // A mask of the decode targets that can still be decoded, after the current one changed:
    // to be written into the next packet that starts a frame.
    bool mask_due() const { return mask_due_; }
    std::uint32_t take_mask(const DdStructure& structure);
    int decode_target() const { return current_; }

 private:
    int wanted(const DdStructure& structure, const Target& target) const;
    void enter(int target);

    int current_ = -1;
    std::uint32_t active_ = 0xffff'ffff;
    bool mask_due_ = false;
};

}  // namespace jmeet::bridge
