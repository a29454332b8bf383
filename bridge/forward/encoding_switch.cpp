#include "bridge/forward/encoding_switch.hpp"

namespace jmeet::bridge {

void EncodingSwitch::set_target(LayerIndex target) {
    if (target < 0) {
        target_ = kSuspended;
        current_ = -1;
        wants_keyframe_ = false;
        return;
    }
    if (encoding_of(target) != current_ && encoding_of(target) != encoding_of(target_)) {
        wants_keyframe_ = true;
    }
    target_ = target;
}

EncodingSwitch::Pending EncodingSwitch::pending() const {
    const int wanted = encoding_of(target_);
    if (current_ < 0 || current_ == wanted) return Pending::none;
    return current_ < wanted ? Pending::up : Pending::down;
}

EncodingSwitch::Answer EncodingSwitch::decide(int encoding, Frame frame, TimePoint now) {
    if (target_ < 0) return Answer::suspended;
    if (frame == Frame::keyframe) return decide_keyframe(encoding, now);
    if (current_ < 0) return Answer::needs_keyframe;
    if (encoding == current_) return Answer::accept;
    const bool in_group = group_start_ && now - *group_start_ <= kKeyframeGroup;
    const int wanted = encoding_of(target_);
    const bool closer = (encoding > current_ && current_ < wanted && encoding <= wanted) ||
                        (encoding < current_ && current_ > wanted);
    if (closer && !in_group) wants_keyframe_ = true;
    return Answer::other_encoding;
}

EncodingSwitch::Answer EncodingSwitch::decide_keyframe(int encoding, TimePoint now) {
    wants_keyframe_ = false;
    const int wanted = encoding_of(target_);
    const bool new_group = !group_start_ || now - *group_start_ > kKeyframeGroup;
    if (new_group) group_start_ = now;
    // The current encoding goes on until a better one's key frame is here.
    bool accept = encoding == current_;
    if (new_group) {
        accept |= encoding <= wanted;
    } else {
        accept |= (current_ <= encoding && encoding <= wanted) ||
                  (encoding <= wanted && wanted < current_);
    }
    if (!accept) return current_ < 0 ? Answer::needs_keyframe : Answer::other_encoding;
    current_ = encoding;
    return Answer::accept;
}

bool temporal_allowed(EncodingSwitch::Pending pending, int temporal, int target_temporal) {
    switch (pending) {
        case EncodingSwitch::Pending::down: return temporal == 0;
        case EncodingSwitch::Pending::up: return true;
        case EncodingSwitch::Pending::none: break;
    }
    return temporal <= target_temporal;
}

}  // namespace jmeet::bridge
