// SRTP and SRTCP of one association (RFC 3711, RFC 7714), in place, on libsrtp2; outgoing RTP with
// GCM has a way of its own (gcm_sender.hpp).
//
// Owned by the endpoint or relay, made when its DtlsSession has connected; used by its media worker
// only. Nothing here allocates except for the first packet of an SSRC, and nothing throws or logs.
// No SSRC has to be announced: the first packet that authenticates makes its stream, so garbage
// makes none.
//
// A stream's rollover counter starts at 0 with its first packet, on both sides. Therefore
// forget_outbound only when the SSRC will never be sent again, and never let a receiver see an
// SSRC continue far away from where it stopped.
//
// Sending one sequence number twice is allowed (retransmission), but only with the very same bytes:
// with GCM two different packets under one SSRC and index give the authentication key away
// (RFC 7714 section 8.1). Retransmit by RTX (RFC 4588), or exactly what was sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "bridge/dtls/srtp_keys.hpp"
#include "bridge/limits.hpp"

namespace jmeet::bridge {

enum class SrtpStatus : std::uint8_t {
    ok,
    auth_fail,   // wrong key, damaged or forged
    replay,      // seen before, or older than the window
    too_short,   // cannot be (S)RTP or (S)RTCP: smaller than its own header says, plus the tag
    no_room,     // capacity lacks the trailer
    error,       // libsrtp refused for another reason (key lifetime, bad header)
};

class SrtpTransport {
 public:
    // What protecting adds at most: the tag; for RTCP also the 4 bytes of E flag and index.
    static constexpr std::size_t kMaxRtpTrailer = 16;
    static constexpr std::size_t kMaxRtcpTrailer = 20;
    static constexpr std::size_t kMaxTrailer = kMaxRtcpTrailer;

    // LIMIT: packets behind the newest that are still accepted, as JVB does.
    static constexpr std::size_t kReplayWindow = 64;
    // LIMIT: how far back an exact retransmission may reach; covers the 500 packets of the cache.
    static constexpr std::size_t kSendWindow = 1024;
    // LIMIT: without a bound a peer that authenticates could fill the memory.
    static constexpr std::size_t kMaxStreams = limits::kStreamsPerDirection;

    static Result<SrtpTransport> make(const SrtpKeys& keys);
    ~SrtpTransport();
    SrtpTransport(SrtpTransport&&) noexcept;
    SrtpTransport& operator=(SrtpTransport&&) noexcept;

    // All four work in place and change `length` only when the answer is ok. A packet that was
    // refused by unprotect may be damaged: drop it.
    SrtpStatus protect_rtp(std::uint8_t* packet, std::size_t& length, std::size_t capacity);
    SrtpStatus unprotect_rtp(std::uint8_t* packet, std::size_t& length);
    SrtpStatus protect_rtcp(std::uint8_t* packet, std::size_t& length, std::size_t capacity);
    SrtpStatus unprotect_rtcp(std::uint8_t* packet, std::size_t& length);

    void forget_inbound(std::uint32_t ssrc);
    void forget_outbound(std::uint32_t ssrc);

    SrtpProfile profile() const { return profile_; }
    std::size_t rtp_trailer() const { return profile_ == SrtpProfile::aead_aes_128_gcm ? 16 : 10; }
    std::size_t inbound_streams() const;
    std::size_t outbound_streams() const;

 private:
    class Direction;  // a libsrtp session and the SSRCs in it

    SrtpTransport();

    SrtpProfile profile_ = SrtpProfile::aead_aes_128_gcm;
    std::unique_ptr<Direction> inbound_;
    std::unique_ptr<Direction> outbound_;
};

}  // namespace jmeet::bridge
