// The last frames of the encoding that is forwarded: which were sent, and under which number.
//
// Two kinds of numbering: VP8 picture ids are compacted (a refused frame takes none, a lost one
// keeps its place); others keep the source's distances and use the log only to know what was
// accepted. One per projection; no allocation.
// LIMIT: kFrames = 4 s at 30 frames a second, or 1.4 s with three spatial layers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

class FrameLog {
 public:
    static constexpr int kFrames = 128;
    // LIMIT: a picture id that moved further than this starts anew (with a key frame).
    static constexpr int kMaxJump = 500;

    enum class Fate : std::uint8_t { accepted, refused };
    struct Frame {
        std::uint16_t number = 0;
        std::uint16_t out = 0;  // of the frame, or of the last accepted one before it
        std::uint8_t temporal : 5 = 0;
        bool keyframe : 1 = false;
        bool accepted : 1 = false;
        bool used : 1 = false;
    };
    static_assert(sizeof(Frame) == 6);

    // Numbers have 15 (VP8 picture ids) or 16 (frame numbers) bits.
    explicit FrameLog(int bits = 15) : mask_(static_cast<std::uint16_t>((1u << bits) - 1)) {}
    void start(int bits, std::uint16_t number, std::uint16_t out);

    // The first packet of a frame that is not in the log. Returns its outgoing (compacted) number.
    std::uint16_t add(std::uint16_t number, std::uint8_t temporal, bool keyframe, Fate fate);
    const Frame* find(std::uint16_t number) const;

    // VP8: of the frames right before `number`, the nearest of a layer not above `temporal` was
    // accepted; or it is not known.
    bool decodable(std::uint16_t number, std::uint8_t temporal) const;
    bool follows_newest(std::uint16_t number) const { return distance(number, newest_) == 1; }
    bool jumped(std::uint16_t number) const;
    std::uint16_t newest() const { return newest_; }
    std::uint16_t edge() const { return edge_; }

 private:
    int distance(std::uint16_t a, std::uint16_t b) const;
    std::uint16_t minus(std::uint16_t a, int n) const {
        return static_cast<std::uint16_t>((a - n) & mask_);
    }

    std::array<Frame, kFrames> ring_{};
    std::uint16_t mask_;
    std::uint16_t newest_ = 0;
    std::uint16_t edge_ = 0;
};

}  // namespace jmeet::bridge
