// Protects outgoing RTP with AEAD_AES_128_GCM (RFC 7714), the most frequent work of a bridge: by
// VectorGcm, or by OpenSSL where there is none. libsrtp would look for the packet's stream in a
// list and keep a replay window per stream, which costs as much as the cipher does for audio.
//
// Owned by the outbound half of an SrtpTransport, on its media worker. Keeps no streams: the caller
// gives each packet's 48-bit index. Nothing allocates, logs or throws after make().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "bridge/dtls/srtp_keys.hpp"
#include "bridge/dtls/vector_gcm.hpp"

struct evp_cipher_ctx_st;

namespace jmeet::bridge {

class GcmSender {
 public:
    static constexpr std::size_t kTag = 16;

    enum class Engine : std::uint8_t { fastest, openssl };

    // `master`: 16 bytes of key, 12 of salt. Empty when OpenSSL refuses.
    static std::optional<GcmSender> make(const std::uint8_t* master,
                                         Engine engine = Engine::fastest);
    ~GcmSender();
    GcmSender(GcmSender&& other) noexcept;
    GcmSender& operator=(GcmSender&& other) noexcept;

    // In place: what follows `header` bytes is encrypted, the tag is written behind `length`. Never
    // give one SSRC and index to two different packets (RFC 7714 section 8.1).
    bool protect(std::uint8_t* packet, std::size_t header, std::size_t length, std::uint32_t ssrc,
                 std::uint64_t index);

 private:
    static constexpr std::size_t kSalt = 12;

    GcmSender() = default;
    bool protect_with_openssl(std::uint8_t* packet, std::size_t header, std::size_t length,
                              const std::uint8_t* iv);

    std::optional<VectorGcm> vector_;
    evp_cipher_ctx_st* cipher_ = nullptr;  // where there is no vector_
    std::array<std::uint8_t, kSalt> salt_{};
};

}  // namespace jmeet::bridge
