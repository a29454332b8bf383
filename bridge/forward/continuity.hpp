// Numbers that connect what was sent with what is sent next, when a stream changes its source.
// Values; used by the projections.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"
#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

// LIMIT: encodings of one source; browsers send three.
inline constexpr int kMaxEncodings = 8;

// The last numbers of an outgoing stream. The defaults count as "sent": the first packet of a
// stream has sequence number 2 and timestamp 3001, as from Jitsi's bridge.
struct StreamPosition {
    std::uint16_t seq = 1;
    std::uint32_t timestamp = 1;
    TimePoint frame_arrival{};  // of the first packet of the last frame
    bool frame_open = false;    // the end of the last frame was not seen

    bool has_picture = false;
    std::uint16_t picture_id = 0;
    std::uint8_t tl0picidx = 0;

    bool has_dd = false;
    std::uint16_t frame_number = 0;
    std::uint8_t template_offset = 0;
    std::uint8_t template_count = 0;
};

// Added to the source's numbers while one encoding is forwarded.
struct StreamOffsets {
    std::uint32_t timestamp = 0;
    std::uint16_t number = 0;  // picture id of VP9, frame number of a dependency descriptor
    std::uint8_t tl0picidx = 0;
    std::uint8_t template_id = 0;
};

// The newest packet of each encoding, and the newest of its base layer: a key frame that arrives
// after a later base layer frame was refused is of no use, its successors are gone.
class SeenPackets {
 public:
    void note(int encoding, std::uint16_t seq, bool base_layer) {
        Seen& s = seen_[static_cast<std::size_t>(encoding)];
        if (!s.any || seq_newer(seq, s.newest)) s.newest = seq;
        if (base_layer && (!s.base || seq_newer(seq, s.newest_base))) s.newest_base = seq;
        s.any = true;
        s.base |= base_layer;
    }
    bool overtaken(int encoding, std::uint16_t seq) const {
        const Seen& s = seen_[static_cast<std::size_t>(encoding)];
        // Far "newer" numbers are from before a jump of the sender, not overtakers.
        return s.base && seq_newer(s.newest_base, seq) && seq_diff(s.newest_base, seq) < 1'024;
    }
    // The newest number seen, or `seq` when that is newer.
    std::uint16_t newest(int encoding, std::uint16_t seq) const {
        const Seen& s = seen_[static_cast<std::size_t>(encoding)];
        const bool ahead = s.any && seq_newer(s.newest, seq) && seq_diff(s.newest, seq) < 1'024;
        return ahead ? s.newest : seq;
    }

 private:
    struct Seen {
        std::uint16_t newest = 0;
        std::uint16_t newest_base = 0;
        bool any = false;
        bool base = false;
    };
    std::array<Seen, kMaxEncodings> seen_{};
};

}  // namespace jmeet::bridge
