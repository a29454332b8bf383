// Walks over the packets of a (compound or reduced-size) RTCP datagram: RFC 3550 section 6.4.
//
// Each packet's lengths and padding are checked here; the message files parse one packet's body.
// Views only: valid as long as the datagram is. Called on the media worker.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace jmeet::bridge::rtcp {

inline constexpr std::uint8_t kSenderReport = 200;
inline constexpr std::uint8_t kReceiverReport = 201;
inline constexpr std::uint8_t kSourceDescription = 202;
inline constexpr std::uint8_t kBye = 203;
inline constexpr std::uint8_t kTransportFeedback = 205;  // RTPFB
inline constexpr std::uint8_t kPayloadFeedback = 206;    // PSFB
inline constexpr std::uint8_t kExtendedReport = 207;

// Feedback formats (the count field of 205 and 206).
inline constexpr std::uint8_t kFmtNack = 1;
inline constexpr std::uint8_t kFmtTransportCc = 15;
inline constexpr std::uint8_t kFmtPli = 1;
inline constexpr std::uint8_t kFmtFir = 4;
inline constexpr std::uint8_t kFmtAfb = 15;  // REMB

inline constexpr std::size_t kCommonHeader = 4;
// LIMIT: what the bridge writes fits the smallest usual path MTU together with the SRTCP trailer.
inline constexpr std::size_t kMaxCompound = 1200;

struct Packet {
    std::uint8_t type = 0;
    std::uint8_t count = 0;  // report count, source count or feedback format
    BytesView body;          // after the common header, without padding
    BytesView whole;         // with both
};

class CompoundReader {
 public:
    explicit CompoundReader(BytesView datagram) : rest_(datagram) {}
    // The next packet, or empty at the end or at the first one that is malformed.
    std::optional<Packet> next();
    // True when something malformed ended the walk; what came before it stands.
    bool malformed() const { return malformed_; }

 private:
    BytesView rest_;
    bool malformed_ = false;
};

// Writes the common header of a packet of `words` 32-bit words in all (header included).
inline void write_header(ByteWriter& out, std::uint8_t count, std::uint8_t type,
                         std::size_t words) {
    out.u8(static_cast<std::uint8_t>(0x80 | (count & 0x1f)));
    out.u8(type);
    out.u16(static_cast<std::uint16_t>(words - 1));
}

}  // namespace jmeet::bridge::rtcp
