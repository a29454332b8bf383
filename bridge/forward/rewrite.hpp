// What differs between a received packet and the copy that one receiver gets, and writing it.
//
// A Rewrite is a small value: made once by a projection (and an SSRC slot), kept in the
// retransmission map, and applied to the shared received packet as often as needed with the same
// result. The received bytes are never changed; every copy is written into a block of the
// caller's. Called on the media worker per packet and receiver; nothing allocates.
// RFC 3550, RFC 8285, RFC 4588; RFC 7741, RFC 9628 and the AV1 dependency descriptor for fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "bridge/rtp/media.hpp"
#include "bridge/rtp/packet.hpp"
#include "bridge/rtp/packet_writer.hpp"

namespace jmeet::bridge {

// Which fields beside the RTP header are written anew.
enum class RewriteFields : std::uint8_t { none, vp8, vp9, dependency_descriptor };

struct Rewrite {
    Ssrc ssrc;
    std::uint32_t timestamp = 0;
    std::uint16_t seq = 0;
    bool marker = false;
    RewriteFields fields = RewriteFields::none;
    // VP8, VP9: picture id. Dependency descriptor: frame number.
    std::uint16_t number = 0;
    // VP8, VP9: TL0PICIDX. Dependency descriptor: what to add to template ids.
    std::uint8_t tl0picidx = 0;
    // Dependency descriptor: write this mask of active decode targets (of so many bits; 0 = none).
    std::uint8_t mask_bits = 0;
    std::uint32_t mask = 0;
};

// A packet that goes on as it is.
Rewrite unchanged(const RtpPacket& packet);

// What the bridge itself puts on an outgoing packet. Empty = do not write.
struct Stamps {
    std::optional<std::uint16_t> transport_seq;
    std::optional<std::uint32_t> abs_send_time;  // 24 bits, 6.18 fixed point
    std::string_view mid;
};

// 24 bits of seconds in 6.18 fixed point, of a monotonic clock.
std::uint32_t abs_send_time(TimePoint now);

// The extension ids of both sides; elements are moved from one to the other by type. Only audio
// level, video orientation and dependency descriptor (of packets whose descriptor is rewritten)
// survive: sequence numbers, mids and stream ids of the sender would confuse the receiver.
struct ExtensionMapping {
    const ExtensionIds& from;
    const ExtensionIds& to;
};

// Writes the receiver's copy. Returns its size, 0 when it does not fit into `out`.
std::size_t write_forwarded(const RtpPacket& packet, const Rewrite& rewrite,
                            const ExtensionMapping& extensions, const Stamps& stamps, Bytes out);
// The same copy inside an RTX packet (RFC 4588 section 4).
std::size_t write_retransmission(const RtpPacket& packet, const Rewrite& rewrite,
                                 const RtxTarget& rtx, const ExtensionMapping& extensions,
                                 const Stamps& stamps, Bytes out);

}  // namespace jmeet::bridge
