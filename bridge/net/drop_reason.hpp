// Each "no" of the packet path has one name and one counter. One DropCounters per media worker,
// plain integers, summed when somebody asks.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "bridge/ice/output.hpp"

namespace jmeet::bridge {

enum class DropReason : std::uint8_t {
    // at the door
    empty_datagram,
    oversize_datagram,
    unknown_first_byte,
    unknown_address,      // not STUN, from an address that no agent has authenticated
    wrong_worker_full,    // the ring to the conference's worker was full
    worker_news_full,     // not a datagram: where one belongs was not told to a worker that hangs
    endpoint_over_rate,   // more than one endpoint may send
    strangers_over_rate,  // more checks to one endpoint from addresses that proved nothing
    // STUN
    stun_malformed,
    stun_unknown_user,
    stun_bad_integrity,
    stun_unmatched,
    stun_refused_address,
    stun_refused,         // answered with an error response
    // DTLS
    dtls_unvalidated,     // from an address that ICE has not validated
    dtls_malformed,
    dtls_busy,            // too many handshakes wait; it comes again
    // SRTP
    srtp_not_ready,
    srtp_malformed,
    srtp_auth,
    srtp_replay,
    srtp_too_many_ssrcs,
    // RTP
    rtp_malformed,
    rtp_unknown_ssrc,
    rtp_unknown_payload_type,
    rtp_unsignalled_source,
    rtp_source_over_rate,  // more packets than a microphone sends
    rtp_duplicate,
    rtp_padding_only,
    rtp_probe,
    rtp_fec,              // protects numbers that no receiver sees
    rtp_too_old,
    rtp_force_muted,
    rtp_silence,
    rtp_not_loudest,      // with loudest-only routing: others are louder
    rtcp_malformed,
    // on the way to one receiver
    not_forwarded,        // no receiver wants this layer or speaker
    layer_not_selected,
    no_key_frame_yet,
    no_send_address,
    // out
    pool_exhausted,
    send_no_buffer,       // ENOBUFS, EAGAIN: the kernel's buffer is full
    send_refused,         // unreachable, no permission, too long
    count_
};

// snake_case, as the metric's label has it.
std::string_view to_string(DropReason reason);

// For a verdict other than `handled`.
DropReason to_drop_reason(StunVerdict verdict);

class DropCounters {
 public:
    void add(DropReason reason, std::uint64_t n = 1) { counts_[index(reason)] += n; }
    std::uint64_t operator[](DropReason reason) const { return counts_[index(reason)]; }

    DropCounters& operator+=(const DropCounters& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        return *this;
    }

 private:
    static std::size_t index(DropReason reason) { return static_cast<std::size_t>(reason); }
    std::array<std::uint64_t, static_cast<std::size_t>(DropReason::count_)> counts_{};
};

}  // namespace jmeet::bridge
