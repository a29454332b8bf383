// Arithmetic of numbers that wrap: RTP sequence numbers, timestamps, picture ids.
//
// Pure values, any thread. "Newer" is RFC 1982 order: less than half the number space ahead.
#pragma once

#include <cstdint>

namespace jmeet::bridge {

// How far a is ahead of b, in -32768..32767.
inline std::int16_t seq_diff(std::uint16_t a, std::uint16_t b) {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b));
}
inline bool seq_newer(std::uint16_t a, std::uint16_t b) { return seq_diff(a, b) > 0; }

inline std::int32_t timestamp_diff(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b);
}
inline bool timestamp_newer(std::uint32_t a, std::uint32_t b) { return timestamp_diff(a, b) > 0; }

// How far a is ahead of b when both have Bits bits, in -2^(Bits-1) .. 2^(Bits-1)-1.
template <unsigned Bits>
std::int32_t wrapped_diff(std::uint32_t a, std::uint32_t b) {
    static_assert(Bits >= 2 && Bits < 32);
    constexpr std::uint32_t kMask = (1u << Bits) - 1;
    const std::uint32_t distance = (a - b) & kMask;
    return distance <= kMask / 2 ? static_cast<std::int32_t>(distance)
                                 : static_cast<std::int32_t>(distance) - (1 << Bits);
}

// Picture ids of VP8 and VP9 are compared in 15 bits.
inline std::int32_t picture_id_diff(std::uint16_t a, std::uint16_t b) {
    return wrapped_diff<15>(a, b);
}

// Turns a wrapping number into one that never does. The first value stands for itself; numbers
// before it may become negative. Late numbers do not move the reference back.
template <unsigned Bits>
class Unwrapper {
 public:
    std::int64_t unwrap(std::uint32_t value) {
        const std::int64_t full = peek(value);
        if (!started_ || full > highest_) highest_ = full;
        started_ = true;
        return full;
    }
    // What unwrap would answer, without remembering it.
    std::int64_t peek(std::uint32_t value) const {
        if (!started_) return value;
        constexpr std::uint32_t kMask = (1u << Bits) - 1;
        return highest_ + wrapped_diff<Bits>(value, static_cast<std::uint32_t>(highest_) & kMask);
    }
    bool started() const { return started_; }
    std::int64_t highest() const { return highest_; }
    void reset() { *this = {}; }

 private:
    std::int64_t highest_ = 0;
    bool started_ = false;
};

using SeqUnwrapper = Unwrapper<16>;

}  // namespace jmeet::bridge
