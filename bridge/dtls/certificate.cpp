#include "bridge/dtls/certificate.hpp"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace jmeet::bridge {
namespace {

// In order of strength; the first that was signalled decides.
constexpr std::array<const char*, 4> kHashes{"sha-512", "sha-384", "sha-256", "sha-1"};

const EVP_MD* digest_named(std::string_view hash) {
    if (hash == "sha-512") return EVP_sha512();
    if (hash == "sha-384") return EVP_sha384();
    if (hash == "sha-256") return EVP_sha256();
    return EVP_sha1();
}

struct Digest {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
};

std::optional<Digest> digest_of(x509_st& certificate, std::string_view hash) {
    Digest digest;
    if (X509_digest(&certificate, digest_named(hash), digest.bytes.data(), &digest.size) != 1) {
        return std::nullopt;
    }
    return digest;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::string hex_with_colons(const Digest& digest) {
    constexpr char kHex[] = "0123456789ABCDEF";
    std::string text;
    text.reserve(digest.size * 3);
    for (unsigned i = 0; i < digest.size; ++i) {
        if (i > 0) text += ':';
        text += kHex[digest.bytes[i] >> 4];
        text += kHex[digest.bytes[i] & 15];
    }
    return text;
}

// "AB:CD:.." of exactly the digest's size, or empty.
std::optional<Digest> parse_hex(std::string_view text, unsigned size) {
    if (text.size() != std::size_t{size} * 3 - 1) return std::nullopt;
    Digest digest;
    digest.size = size;
    for (unsigned i = 0; i < size; ++i) {
        const int high = hex_value(text[i * 3]);
        const int low = hex_value(text[i * 3 + 1]);
        if (high < 0 || low < 0 || (i + 1 < size && text[i * 3 + 2] != ':')) return std::nullopt;
        digest.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return digest;
}

// Self-signed; the name is the same everywhere and says nothing about the machine.
std::shared_ptr<x509_st> make_x509(EVP_PKEY* key, std::chrono::system_clock::time_point now) {
    std::shared_ptr<X509> x509(X509_new(), X509_free);
    if (!x509) return nullptr;
    std::uint64_t serial = 0;
    if (RAND_bytes(reinterpret_cast<std::uint8_t*>(&serial), sizeof serial) != 1) return nullptr;
    serial = (serial >> 1) | 1;  // positive and not zero (RFC 5280 4.1.2.2)
    const std::time_t base = std::chrono::system_clock::to_time_t(now);
    const auto before = static_cast<long>(
        std::chrono::duration_cast<std::chrono::seconds>(Certificate::kValidBefore).count());
    const auto after = static_cast<long>(
        std::chrono::duration_cast<std::chrono::seconds>(Certificate::kValidAfter).count());

    std::time_t start = base - before;
    std::time_t end = base + after;
    X509_NAME* name = X509_get_subject_name(x509.get());
    const auto* common_name = reinterpret_cast<const unsigned char*>("jmeet");
    const bool made = X509_set_version(x509.get(), X509_VERSION_3) == 1 &&
                      ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509.get()), serial) == 1 &&
                      ASN1_TIME_set(X509_getm_notBefore(x509.get()), start) != nullptr &&
                      ASN1_TIME_set(X509_getm_notAfter(x509.get()), end) != nullptr &&
                      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1,
                                                 0) == 1 &&
                      X509_set_issuer_name(x509.get(), name) == 1 &&
                      X509_set_pubkey(x509.get(), key) == 1 &&
                      X509_sign(x509.get(), key, EVP_sha256()) > 0;
    return made ? x509 : nullptr;
}

}  // namespace

Result<Certificate> Certificate::make(std::chrono::system_clock::time_point now) {
    Certificate made;
    made.made_at_ = now;
    made.key_ = std::shared_ptr<EVP_PKEY>(EVP_EC_gen("P-256"), EVP_PKEY_free);
    if (made.key_) made.x509_ = make_x509(made.key_.get(), now);
    if (!made.x509_) {
        ERR_clear_error();
        return fail("OpenSSL could not make the DTLS certificate; is its random source working?");
    }
    const auto digest = digest_of(*made.x509_, "sha-256");
    if (!digest) return fail("OpenSSL could not compute the fingerprint of the DTLS certificate");
    made.fingerprint_ = {"sha-256", hex_with_colons(*digest)};
    return made;
}

FingerprintCheck check_fingerprints(x509_st& certificate, std::span<const Fingerprint> signalled) {
    for (const char* hash : kHashes) {
        bool present = false;
        bool matched = false;
        const auto actual = digest_of(certificate, hash);
        for (const Fingerprint& fingerprint : signalled) {
            if (!equals_ignoring_case(fingerprint.hash, hash)) continue;
            present = true;
            if (!actual) continue;
            const auto expected = parse_hex(fingerprint.value, actual->size);
            if (expected &&
                CRYPTO_memcmp(expected->bytes.data(), actual->bytes.data(), actual->size) == 0) {
                matched = true;
            }
        }
        if (present) return matched ? FingerprintCheck::match : FingerprintCheck::mismatch;
    }
    return FingerprintCheck::no_usable_hash;
}

}  // namespace jmeet::bridge
