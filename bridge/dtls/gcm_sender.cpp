#include "bridge/dtls/gcm_sender.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/bytes.hpp"

namespace jmeet::bridge {
namespace {

using Block = std::array<std::uint8_t, 16>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// Key derivation of RFC 3711 4.3 with its labels; a salt of 96 bits is padded with zeros (RFC 7714
// section 11). One block of AES is all that these lengths need.
enum class Label : std::uint8_t { encryption = 0, salt = 2 };

std::optional<Block> derive(const std::uint8_t* master, Label label) {
    constexpr std::size_t kLabelPlace = 7;
    Block input{};
    std::copy_n(master + kSrtpKeyLength, srtp_salt_length(SrtpProfile::aead_aes_128_gcm),
                input.begin());
    input[kLabelPlace] ^= static_cast<std::uint8_t>(label);
    Block output{};
    const Cipher aes(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    const bool done =
        aes && EVP_EncryptInit_ex(aes.get(), EVP_aes_128_ecb(), nullptr, master, nullptr) == 1 &&
        EVP_CIPHER_CTX_set_padding(aes.get(), 0) == 1 &&
        EVP_EncryptUpdate(aes.get(), output.data(), &size, input.data(),
                          static_cast<int>(input.size())) == 1 &&
        size == static_cast<int>(output.size());
    if (!done) return std::nullopt;
    return output;
}

}  // namespace

std::optional<GcmSender> GcmSender::make(const std::uint8_t* master, Engine engine) {
    auto key = derive(master, Label::encryption);
    const auto salt = derive(master, Label::salt);
    if (!key || !salt) return std::nullopt;
    GcmSender made;
    std::copy_n(salt->begin(), kSalt, made.salt_.begin());
    if (engine == Engine::fastest) made.vector_ = VectorGcm::make(key->data());
    bool ready = made.vector_.has_value();
    if (!ready) {
        made.cipher_ = EVP_CIPHER_CTX_new();
        ready = made.cipher_ && EVP_EncryptInit_ex(made.cipher_, EVP_aes_128_gcm(), nullptr,
                                                   key->data(), nullptr) == 1;
    }
    OPENSSL_cleanse(key->data(), key->size());
    if (!ready) return std::nullopt;
    return made;
}

GcmSender::~GcmSender() { EVP_CIPHER_CTX_free(cipher_); }

GcmSender::GcmSender(GcmSender&& other) noexcept
    : vector_(std::move(other.vector_)),
      cipher_(std::exchange(other.cipher_, nullptr)),
      salt_(other.salt_) {}

GcmSender& GcmSender::operator=(GcmSender&& other) noexcept {
    std::swap(vector_, other.vector_);
    std::swap(cipher_, other.cipher_);
    std::swap(salt_, other.salt_);
    return *this;
}

bool GcmSender::protect(std::uint8_t* packet, std::size_t header, std::size_t length,
                        std::uint32_t ssrc, std::uint64_t index) {
    // Two zero bytes, SSRC, rollover counter, sequence number (RFC 7714 section 8.1).
    std::array<std::uint8_t, kSalt> iv{};
    store_be32(&iv[2], ssrc);
    store_be32(&iv[6], static_cast<std::uint32_t>(index >> 16));
    store_be16(&iv[10], static_cast<std::uint16_t>(index));
    for (std::size_t i = 0; i < kSalt; ++i) iv[i] ^= salt_[i];
    if (!vector_) return protect_with_openssl(packet, header, length, iv.data());
    vector_->encrypt(iv.data(), packet, header, packet + header, length - header, packet + length);
    return true;
}

bool GcmSender::protect_with_openssl(std::uint8_t* packet, std::size_t header, std::size_t length,
                                     const std::uint8_t* iv) {
    const int payload = static_cast<int>(length - header);
    int size = 0;
    return EVP_EncryptInit_ex(cipher_, nullptr, nullptr, nullptr, iv) == 1 &&
           EVP_EncryptUpdate(cipher_, nullptr, &size, packet, static_cast<int>(header)) == 1 &&
           (payload == 0 ||
            EVP_EncryptUpdate(cipher_, packet + header, &size, packet + header, payload) == 1) &&
           EVP_EncryptFinal_ex(cipher_, packet + length, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher_, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag),
                               packet + length) == 1;
}

}  // namespace jmeet::bridge
