// Writing RTP packets: fields in place, and whole packets with other extensions into a new block.
//
// What was received stays as it is; each receiver's copy is written with write_rtp() into its own
// bounded block. Nothing here allocates. RFC 3550 section 5.1, RFC 8285 section 4, RFC 4588.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "bridge/rtp/packet.hpp"

namespace jmeet::bridge {

// In-place setters: `packet` is one that RtpPacket::parse accepted.
inline void set_marker(Bytes packet, bool on) {
    packet[1] = static_cast<std::uint8_t>((packet[1] & 0x7f) | (on ? 0x80 : 0));
}
inline void set_pt(Bytes packet, std::uint8_t pt) {
    packet[1] = static_cast<std::uint8_t>((packet[1] & 0x80) | (pt & 0x7f));
}
inline void set_seq(Bytes packet, std::uint16_t seq) { store_be16(&packet[2], seq); }
inline void set_timestamp(Bytes packet, std::uint32_t ts) { store_be32(&packet[4], ts); }
inline void set_ssrc(Bytes packet, Ssrc ssrc) { store_be32(&packet[8], ssrc.value()); }

struct RtpHeader {
    bool marker = false;
    std::uint8_t pt = 0;
    std::uint16_t seq = 0;
    std::uint32_t timestamp = 0;
    Ssrc ssrc;
    BytesView csrcs;  // 4 bytes each, at most 15
};
// The fields of a packet, to change some of them and write it anew.
RtpHeader header_of(const RtpPacket& packet);

// The extensions of a packet to be written: some kept from a received packet, some set anew.
// Data that is kept is viewed, data that is set is copied into the list.
class ExtensionList {
 public:
    // Keeps the element of `from` with that id, when there is one. Id 0 does nothing.
    void keep(const RtpPacket& from, std::uint8_t id);
    // Adds or replaces. False when the list is full or the data too long; id 0 does nothing.
    bool set(std::uint8_t id, BytesView data);
    bool set_u16(std::uint8_t id, std::uint16_t value);
    bool set_u24(std::uint8_t id, std::uint32_t value);
    void remove(std::uint8_t id);
    std::size_t size() const { return count_; }
    ExtensionElement operator[](std::size_t index) const;

    // Two-byte form is needed for an id above 14, an empty or a longer than 16 byte element.
    bool needs_two_byte_form() const;
    // Bytes of the whole extension block, with its 4-byte header and padding; 0 for no elements.
    std::size_t encoded_size() const;

 private:
    // LIMIT: a dependency descriptor with a structure of nine decode targets is 150 bytes; 255 is
    // the longest element that the two-byte form can carry.
    static constexpr std::size_t kStorage = 288;
    struct Slot {
        std::uint8_t id;
        bool own;
        std::uint16_t offset;  // into storage_, when own
        std::uint16_t size;
        const std::uint8_t* data;  // otherwise
    };
    Slot* find(std::uint8_t id);
    Slot* add(std::uint8_t id);

    std::array<Slot, kMaxExtensions> slots_;
    std::array<std::uint8_t, kStorage> storage_;
    std::uint16_t used_ = 0;
    std::uint8_t count_ = 0;
};

// Writes header, extensions and the payload (given in two parts: for a rewritten descriptor and
// the rest, or an RTX sequence number and the rest). Returns the size, 0 when it does not fit.
// No padding is written. `out` must not overlap the parts.
std::size_t write_rtp(const RtpHeader& header, const ExtensionList& extensions, BytesView head,
                      BytesView tail, Bytes out);
// A packet with no payload and 1..255 bytes of padding.
std::size_t write_padding(const RtpHeader& header, const ExtensionList& extensions,
                          std::uint8_t padding, Bytes out);

// RFC 4588: the packet that carries `original` on the RTX stream. Returns the size, 0 if too big.
struct RtxTarget {
    std::uint8_t pt = 0;
    Ssrc ssrc;
    std::uint16_t seq = 0;
};
std::size_t write_rtx(const RtpPacket& original, const RtxTarget& target,
                      const ExtensionList& extensions, Bytes out);
// The way back, in place: restores sequence number, SSRC and payload type; timestamp, marker and
// extensions stay. Returns the new size, 0 when the payload has no room for the number (a probe).
std::size_t unwrap_rtx(Bytes packet, const RtpPacket& view, Ssrc primary, std::uint8_t pt);
// RFC 2198: the packet with its primary block alone, in place, under the payload type that block
// has. Returns the new size, 0 when the blocks are not what their headers say.
std::size_t strip_red(Bytes packet, const RtpPacket& view);
// Removes padding in place: clears the P bit and returns the size without it.
std::size_t strip_padding(Bytes packet, const RtpPacket& view);

}  // namespace jmeet::bridge
