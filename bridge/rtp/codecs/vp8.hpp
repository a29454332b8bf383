// VP8 payload descriptor: RFC 7741 section 4.2, and the key frame header of RFC 6386 section 9.1.
//
// The VP8 payload proper is never touched; only picture id and TL0PICIDX are written anew, into
// the receiver's own block.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace jmeet::bridge {

// LIMIT: the longest descriptor: X, I, L, T/K octets and a 15-bit picture id.
inline constexpr std::size_t kMaxVp8Descriptor = 6;

struct Vp8Descriptor {
    bool start_of_partition = false;  // S
    bool non_reference = false;       // N
    std::uint8_t partition = 0;       // PID
    std::optional<std::uint16_t> picture_id;
    bool long_picture_id = false;  // M: 15 bits instead of 7
    std::optional<std::uint8_t> tl0picidx;
    std::optional<std::uint8_t> temporal;  // TID
    bool layer_sync = false;               // Y
    std::optional<std::uint8_t> key_index;
    std::uint8_t size = 0;  // bytes of the descriptor

    bool starts_keyframe = false;  // first packet of a key frame
    std::uint16_t width = 0;       // of that key frame
    std::uint16_t height = 0;

    bool start_of_frame() const { return start_of_partition && partition == 0; }

    static std::optional<Vp8Descriptor> parse(BytesView payload);
};

// Writes the descriptor of `payload` (which parsed as `source`) with another picture id and
// TL0PICIDX; fields that the source lacks stay absent. The picture id is written in 15 bits, so
// the descriptor may be one byte longer. The rest of the packet is payload.subspan(source.size).
// Returns the size written (<= kMaxVp8Descriptor), 0 when `out` is too small.
std::size_t write_vp8_descriptor(BytesView payload, const Vp8Descriptor& source,
                                 std::uint16_t picture_id, std::uint8_t tl0picidx, Bytes out);

}  // namespace jmeet::bridge
