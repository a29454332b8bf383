// Which encoding of a source is forwarded: the target, the current one, and the way between.
//
// Encodings change on key frames only. Key frames of all encodings come as a group, within 300 ms:
// inside a group one may climb towards the target (or take the first that is not above it), so
// that a picture starts at once even if the wanted encoding's key frame is late or missing.
// One per projection; a small value without allocation.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "bridge/rtp/layer_index.hpp"

namespace jmeet::bridge {

class EncodingSwitch {
 public:
    static constexpr milliseconds kKeyframeGroup{300};

    void set_target(LayerIndex target);
    LayerIndex target() const { return target_; }
    int current() const { return current_; }

    enum class Frame : std::uint8_t { keyframe, other };
    enum class Answer : std::uint8_t { accept, suspended, needs_keyframe, other_encoding };
    // The first packet of a frame. Moves to its encoding when it is accepted.
    Answer decide(int encoding, Frame frame, TimePoint now);

    // Where the target lies from here.
    enum class Pending : std::uint8_t { none, up, down };
    Pending pending() const;

    bool needs_keyframe() const { return target_ >= 0 && (wants_keyframe_ || current_ < 0); }
    void request_keyframe() { wants_keyframe_ = true; }
    // What was forwarded cannot be continued.
    void lose() { current_ = -1; }

 private:
    Answer decide_keyframe(int encoding, TimePoint now);

    LayerIndex target_ = kSuspended;
    int current_ = -1;
    bool wants_keyframe_ = false;
    std::optional<TimePoint> group_start_;
};

// What a layer filter says of a frame. A key frame may be needed although the frame goes on.
struct LayerDecision {
    bool forward = false;
    bool needs_keyframe = false;
};

// The temporal layer rule that all layered codecs share.
bool temporal_allowed(EncodingSwitch::Pending pending, int temporal, int target_temporal);

}  // namespace jmeet::bridge
