// What a DTLS handshake leaves behind for SRTP (RFC 5764 section 4.2). Values only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace jmeet::bridge {

// DTLS-SRTP protection profiles by their wire number (RFC 5764 4.1.2, RFC 7714 14.2).
enum class SrtpProfile : std::uint16_t {
    aes128_cm_sha1_80 = 0x0001,
    aead_aes_128_gcm = 0x0007,
};

constexpr std::size_t kSrtpKeyLength = 16;
constexpr std::size_t srtp_salt_length(SrtpProfile profile) {
    return profile == SrtpProfile::aead_aes_128_gcm ? 12 : 14;
}
constexpr std::size_t srtp_master_length(SrtpProfile profile) {
    return kSrtpKeyLength + srtp_salt_length(profile);
}
constexpr std::size_t kMaxSrtpMasterLength = 30;

// Master key followed by master salt, per direction: `local` protects what we send, `remote`
// unprotects what the peer sends. Only srtp_master_length(profile) bytes count.
struct SrtpKeys {
    SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
    std::array<std::uint8_t, kMaxSrtpMasterLength> local{};
    std::array<std::uint8_t, kMaxSrtpMasterLength> remote{};
};

}  // namespace jmeet::bridge
