#include "bridge/dtls/srtp.hpp"

#include <arpa/inet.h>
#include <srtp2/srtp.h>

#include <optional>

#include "base/bytes.hpp"
#include "bridge/dtls/gcm_sender.hpp"
#include "bridge/dtls/ssrc_table.hpp"

namespace jmeet::bridge {
namespace {

constexpr std::size_t kRtpHeader = 12;
constexpr std::size_t kRtcpHeader = 8;
constexpr std::size_t kSrtcpIndex = 4;

// Header, contributing sources and extension, by the packet's own word; empty when they do not fit.
std::optional<std::size_t> rtp_header_length(const std::uint8_t* packet, std::size_t length) {
    if (length < kRtpHeader) return std::nullopt;
    std::size_t header = kRtpHeader + std::size_t{4} * (packet[0] & 0x0f);
    if (packet[0] & 0x10) {
        if (length < header + 4) return std::nullopt;
        header += 4 + std::size_t{4} * load_be16(packet + header + 2);
    }
    if (header > length) return std::nullopt;
    return header;
}

SrtpStatus status_of(srtp_err_status_t answer) {
    switch (answer) {
        case srtp_err_status_ok:
            return SrtpStatus::ok;
        case srtp_err_status_auth_fail:
            return SrtpStatus::auth_fail;
        case srtp_err_status_replay_fail:
        case srtp_err_status_replay_old:
            return SrtpStatus::replay;
        default:
            return SrtpStatus::error;
    }
}

bool library_ready() {
    static const bool ready = srtp_init() == srtp_err_status_ok;
    return ready;
}

}  // namespace

class SrtpTransport::Direction {
 public:
    Direction() : table_(kMaxStreams) {}
    ~Direction() {
        if (session_) srtp_dealloc(session_);
    }
    Direction(const Direction&) = delete;
    Direction& operator=(const Direction&) = delete;

    bool open(SrtpProfile profile, const std::uint8_t* master, srtp_ssrc_type_t type) {
        srtp_policy_t policy{};
        if (profile == SrtpProfile::aead_aes_128_gcm) {
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
        } else {
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
        }
        const bool sending = type == ssrc_any_outbound;
        policy.ssrc.type = type;
        policy.key = const_cast<std::uint8_t*>(master);  // libsrtp only reads it
        policy.window_size = sending ? kSendWindow : kReplayWindow;
        policy.allow_repeat_tx = sending ? 1 : 0;
        if (sending && profile == SrtpProfile::aead_aes_128_gcm) {
            gcm_ = GcmSender::make(master);
            if (!gcm_) return false;
        }
        return srtp_create(&session_, &policy) == srtp_err_status_ok;
    }

    // RTP may go past libsrtp, which then does RTCP alone.
    bool has_gcm() const { return gcm_.has_value(); }
    SrtpStatus protect_gcm(std::uint8_t* packet, std::size_t header, std::size_t& length) {
        const std::uint32_t ssrc = load_be32(packet + 8);
        if (const auto evicted = table_.touch(ssrc)) remove(*evicted);
        std::uint64_t& next = table_.next_index(ssrc);
        const std::uint16_t sequence = load_be16(packet + 2);
        if (next == 0) next = std::uint64_t{sequence} + 1;
        const std::uint64_t newest = next - 1;
        const std::int64_t distance = distance_of(sequence, newest);
        if (distance <= -static_cast<int>(kSendWindow)) return SrtpStatus::replay;
        const std::uint64_t index = newest + static_cast<std::uint64_t>(distance);
        if (!gcm_->protect(packet, header, length, ssrc, index)) return SrtpStatus::error;
        if (distance > 0) next = index + 1;
        length += GcmSender::kTag;
        return SrtpStatus::ok;
    }

    // `call` is one of libsrtp's four; the stream of `ssrc` exists once it has answered ok.
    SrtpStatus run(srtp_err_status_t (*call)(srtp_t, void*, int*), std::uint8_t* packet,
                   std::size_t& length, std::uint32_t ssrc) {
        int size = static_cast<int>(length);
        const SrtpStatus status = status_of(call(session_, packet, &size));
        if (status != SrtpStatus::ok) return status;
        length = static_cast<std::size_t>(size);
        if (const auto evicted = table_.touch(ssrc)) remove(*evicted);
        return SrtpStatus::ok;
    }

    void forget(std::uint32_t ssrc) {
        if (table_.erase(ssrc)) remove(ssrc);
    }
    std::size_t streams() const { return table_.size(); }

 private:
    // To the nearest index of that number (RFC 3711 3.3.1), but never to one from before the
    // stream began: such a number is taken for a jump ahead, as receivers with libsrtp do.
    static std::int64_t distance_of(std::uint16_t sequence, std::uint64_t newest) {
        constexpr std::uint64_t kHalf = 0x8000;
        if (newest <= kHalf) return std::int64_t{sequence} - static_cast<std::int64_t>(newest);
        return static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - newest));
    }

    // libsrtp compares SSRCs as they are in the packet: network order.
    void remove(std::uint32_t ssrc) { srtp_remove_stream(session_, htonl(ssrc)); }

    srtp_t session_ = nullptr;
    std::optional<GcmSender> gcm_;
    SsrcTable table_;
};

SrtpTransport::SrtpTransport() = default;
SrtpTransport::~SrtpTransport() = default;
SrtpTransport::SrtpTransport(SrtpTransport&&) noexcept = default;
SrtpTransport& SrtpTransport::operator=(SrtpTransport&&) noexcept = default;

Result<SrtpTransport> SrtpTransport::make(const SrtpKeys& keys) {
    if (!library_ready()) return fail("libsrtp2 failed its own tests at start");
    SrtpTransport made;
    made.profile_ = keys.profile;
    made.inbound_ = std::make_unique<Direction>();
    made.outbound_ = std::make_unique<Direction>();
    if (!made.inbound_->open(keys.profile, keys.remote.data(), ssrc_any_inbound) ||
        !made.outbound_->open(keys.profile, keys.local.data(), ssrc_any_outbound)) {
        return fail(
            "libsrtp2 refused the keys; was it built with OpenSSL (deploy/build-libsrtp2)?");
    }
    return made;
}

SrtpStatus SrtpTransport::protect_rtp(std::uint8_t* packet, std::size_t& length,
                                      std::size_t capacity) {
    const auto header = rtp_header_length(packet, length);
    if (!header) return SrtpStatus::too_short;
    if (capacity < length + rtp_trailer()) return SrtpStatus::no_room;
    if (outbound_->has_gcm()) return outbound_->protect_gcm(packet, *header, length);
    return outbound_->run(srtp_protect, packet, length, load_be32(packet + 8));
}

SrtpStatus SrtpTransport::unprotect_rtp(std::uint8_t* packet, std::size_t& length) {
    const auto header = rtp_header_length(packet, length);
    if (!header || length < *header + rtp_trailer()) return SrtpStatus::too_short;
    return inbound_->run(srtp_unprotect, packet, length, load_be32(packet + 8));
}

SrtpStatus SrtpTransport::protect_rtcp(std::uint8_t* packet, std::size_t& length,
                                       std::size_t capacity) {
    if (length < kRtcpHeader) return SrtpStatus::too_short;
    if (capacity < length + rtp_trailer() + kSrtcpIndex) return SrtpStatus::no_room;
    return outbound_->run(srtp_protect_rtcp, packet, length, load_be32(packet + 4));
}

SrtpStatus SrtpTransport::unprotect_rtcp(std::uint8_t* packet, std::size_t& length) {
    if (length < kRtcpHeader + kSrtcpIndex + rtp_trailer()) return SrtpStatus::too_short;
    return inbound_->run(srtp_unprotect_rtcp, packet, length, load_be32(packet + 4));
}

void SrtpTransport::forget_inbound(std::uint32_t ssrc) { inbound_->forget(ssrc); }
void SrtpTransport::forget_outbound(std::uint32_t ssrc) { outbound_->forget(ssrc); }
std::size_t SrtpTransport::inbound_streams() const { return inbound_->streams(); }
std::size_t SrtpTransport::outbound_streams() const { return outbound_->streams(); }

}  // namespace jmeet::bridge
