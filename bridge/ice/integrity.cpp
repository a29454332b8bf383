#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>

#include "bridge/ice/stun.hpp"

namespace jmeet::bridge {

namespace {

// Fetched once: looking an algorithm up by name costs more than a signature.
EVP_MAC* hmac() {
    static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    return mac;
}

}  // namespace

void IntegrityKey::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

IntegrityKey::IntegrityKey(std::string_view password) {
    if (hmac() == nullptr) return;
    std::unique_ptr<evp_mac_ctx_st, Free> context(EVP_MAC_CTX_new(hmac()));
    if (!context) return;
    std::array<char, 5> digest{"SHA1"};
    const std::array<OSSL_PARAM, 2> params{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    const auto* key = reinterpret_cast<const unsigned char*>(password.data());
    if (EVP_MAC_init(context.get(), key, password.size(), params.data()) == 1) {
        context_ = std::move(context);
    }
}

bool IntegrityKey::sign(BytesView header, BytesView body, Digest& out) const {
    // No key given: the one of the constructor again, from the start.
    if (!context_ || EVP_MAC_init(context_.get(), nullptr, 0, nullptr) != 1) return false;
    std::size_t size = 0;
    return EVP_MAC_update(context_.get(), header.data(), header.size()) == 1 &&
           EVP_MAC_update(context_.get(), body.data(), body.size()) == 1 &&
           EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1 &&
           size == out.size();
}

}  // namespace jmeet::bridge
