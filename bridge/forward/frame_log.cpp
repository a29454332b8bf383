#include "bridge/forward/frame_log.hpp"

namespace jmeet::bridge {

int FrameLog::distance(std::uint16_t a, std::uint16_t b) const {
    const int d = (a - b) & mask_;
    return d <= mask_ / 2 ? d : d - mask_ - 1;
}

void FrameLog::start(int bits, std::uint16_t number, std::uint16_t out) {
    mask_ = static_cast<std::uint16_t>((1u << bits) - 1);
    ring_ = {};
    newest_ = number;
    edge_ = static_cast<std::uint16_t>(out & mask_);
    Frame& f = ring_[number % kFrames];
    f.number = number;
    f.out = edge_;
    f.keyframe = f.accepted = f.used = true;
}

const FrameLog::Frame* FrameLog::find(std::uint16_t number) const {
    const Frame& f = ring_[number % kFrames];
    return f.used && f.number == number ? &f : nullptr;
}

bool FrameLog::jumped(std::uint16_t number) const {
    const int d = distance(number, newest_);
    return d > kMaxJump || d < -kMaxJump;
}

std::uint16_t FrameLog::add(std::uint16_t number, std::uint8_t temporal, bool keyframe,
                            Fate fate) {
    Frame f;
    f.number = number;
    f.temporal = temporal & 31;
    f.keyframe = keyframe;
    f.accepted = fate == Fate::accepted;
    f.used = true;
    const int ahead = distance(number, newest_);
    if (ahead > 0) {
        edge_ = static_cast<std::uint16_t>((edge_ + ahead - 1 + (f.accepted ? 1 : 0)) & mask_);
        newest_ = number;
        f.out = edge_;
    } else {
        // Late: as many places after the nearest known frame as there are numbers in between.
        f.out = edge_;
        for (int back = 1; back < kFrames; ++back) {
            if (const Frame* before = find(minus(number, back))) {
                const int step = back - 1 + (f.accepted ? 1 : 0);
                f.out = static_cast<std::uint16_t>((before->out + step) & mask_);
                break;
            }
        }
    }
    ring_[number % kFrames] = f;
    return f.out;
}

bool FrameLog::decodable(std::uint16_t number, std::uint8_t temporal) const {
    for (int back = 1; back < kFrames; ++back) {
        const Frame* before = find(minus(number, back));
        if (!before) return true;
        if (before->keyframe || before->temporal <= temporal) return before->accepted;
    }
    return true;
}

}  // namespace jmeet::bridge
