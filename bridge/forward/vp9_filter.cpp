#include "bridge/forward/vp9_filter.hpp"

#include <algorithm>

namespace jmeet::bridge {

int Vp9Filter::wanted(const Target& target) const {
    const int spatial =
        target.pending == EncodingSwitch::Pending::up ? layers_ - 1 : target.spatial;
    return std::clamp(spatial, 0, layers_ - 1);
}

bool Vp9Filter::decodable(const Vp9Descriptor& frame) const {
    const bool own = !frame.inter_picture_predicted || base_forwarded_[frame.spatial];
    const bool below = !frame.inter_layer_dependency ||
                       (frame.spatial > 0 && base_forwarded_[frame.spatial - 1u]);
    return own && below;
}

LayerDecision Vp9Filter::decide(const Vp9Descriptor& frame, const Target& target) {
    if (frame.spatial >= kMaxVp9SpatialLayers) return {};
    if (frame.scalability) {
        layers_ = std::clamp<int>(frame.scalability->spatial_layers, 1,
                                  static_cast<int>(kMaxVp9SpatialLayers));
    }
    const int s = frame.spatial;
    if (s == 0) in_keyframe_ = !frame.inter_picture_predicted;
    if (s == 0 && in_keyframe_) {
        base_forwarded_ = {};
        current_ = 0;
    }
    const bool can = decodable(frame);
    const int to = wanted(target);
    bool keyframe_needed = false;
    const bool towards = (s > current_ && s <= to) || (s < current_ && s >= to);
    if (towards || current_ >= layers_) {
        if (can) {
            current_ = s;
        } else {
            keyframe_needed = true;
        }
    }
    const bool reference = s < current_ && !frame.not_reference_for_upper;
    const bool forward = can && (s == current_ || reference) &&
                         temporal_allowed(target.pending, frame.temporal, target.temporal);
    if (frame.temporal == 0) base_forwarded_[static_cast<std::size_t>(s)] = forward;
    return {forward, keyframe_needed};
}

bool Vp9Filter::ends_picture(const Vp9Descriptor& frame, const Target& target) const {
    if (!frame.end_of_frame) return false;
    return frame.spatial == (in_keyframe_ ? wanted(target) : current_);
}

}  // namespace jmeet::bridge
