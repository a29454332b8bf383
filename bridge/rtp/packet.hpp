// A view of one RTP packet (RFC 3550 section 5.1, header extensions RFC 8285).
//
// parse() checks every length once: CSRCs, extension, elements, padding. Everything after works
// with spans and does no arithmetic on raw bytes. A view never changes what it looks at and is
// valid as long as the bytes are. To write packets see packet_writer.hpp.
// Called on the media worker, for each packet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace jmeet::bridge {

inline constexpr std::size_t kRtpFixedHeader = 12;
// LIMIT: elements kept per packet; browsers send at most six. More are ignored.
inline constexpr std::size_t kMaxExtensions = 16;

// Which of the two a datagram of the RTP range (first byte 128..191) is: RFC 5761 section 4.
inline bool is_rtcp(BytesView datagram) {
    return datagram.size() >= 2 && datagram[1] >= 192 && datagram[1] <= 223;
}
inline bool is_rtp_or_rtcp(BytesView datagram) {
    return datagram.size() >= 2 && datagram[0] >= 128 && datagram[0] <= 191;
}

struct ExtensionElement {
    std::uint8_t id = 0;
    BytesView data;
};

class RtpPacket {
 public:
    // Empty: not version 2, or a length that runs past the end. An extension element that does
    // so ends the list of elements and is not an error (RFC 8285 section 4.1.2: skip the rest).
    static std::optional<RtpPacket> parse(BytesView packet);

    bool marker() const { return bytes_[1] & 0x80; }
    std::uint8_t pt() const { return bytes_[1] & 0x7f; }
    std::uint16_t seq() const { return load_be16(&bytes_[2]); }
    std::uint32_t timestamp() const { return load_be32(&bytes_[4]); }
    Ssrc ssrc() const { return Ssrc(load_be32(&bytes_[8])); }

    BytesView bytes() const { return bytes_; }
    BytesView csrcs() const { return bytes_.subspan(kRtpFixedHeader, csrc_size_); }
    // Fixed header, CSRCs and extension.
    std::size_t header_size() const { return header_size_; }
    // Without padding.
    BytesView payload() const { return bytes_.subspan(header_size_, payload_size_); }
    std::size_t padding_size() const { return bytes_.size() - header_size_ - payload_size_; }

    // Id 0 is never found, so an extension that was not negotiated needs no test of its own.
    std::optional<BytesView> find_extension(std::uint8_t id) const;
    // Where the element's data starts in bytes(), to overwrite it in place.
    std::optional<std::size_t> find_extension_offset(std::uint8_t id) const;
    std::size_t extension_count() const { return element_count_; }
    ExtensionElement extension(std::size_t index) const {
        const Element& e = elements_[index];
        return {e.id, bytes_.subspan(e.offset, e.size)};
    }
    // 0xBEDE, 0x1000..0x100F, or 0 when there is no extension.
    std::uint16_t extension_profile() const { return profile_; }

 private:
    struct Element {
        std::uint8_t id;
        std::uint8_t size;
        std::uint16_t offset;
    };

    RtpPacket() = default;
    void read_elements(std::size_t from, std::size_t size);
    void read_one_byte_elements(std::size_t at, std::size_t end);
    void read_two_byte_elements(std::size_t at, std::size_t end);
    const Element* find(std::uint8_t id) const;
    void keep(std::uint8_t id, std::size_t offset, std::size_t size);

    BytesView bytes_;
    std::uint16_t header_size_ = 0;
    std::uint16_t payload_size_ = 0;
    std::uint16_t profile_ = 0;
    std::uint8_t csrc_size_ = 0;
    std::uint8_t element_count_ = 0;
    std::array<Element, kMaxExtensions> elements_;
};

// ssrc-audio-level (RFC 6464): level 0 (loudest) .. 127 (silence), and the voice flag.
struct AudioLevel {
    std::uint8_t level = 127;
    bool voice = false;
};
std::optional<AudioLevel> find_audio_level(const RtpPacket& packet, std::uint8_t id);
// The two bytes of the transport-wide sequence number.
std::optional<std::uint16_t> find_transport_seq(const RtpPacket& packet, std::uint8_t id);
// The three bytes of the sender's abs-send-time.
std::optional<std::uint32_t> find_abs_send_time(const RtpPacket& packet, std::uint8_t id);

}  // namespace jmeet::bridge
