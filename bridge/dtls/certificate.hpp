// The bridge's certificate, and what a fingerprint proves about a peer's (RFC 8122).
//
// One self-signed ECDSA P-256 certificate serves all endpoints: RSA would cost fifteen times more
// per join. Made by the bridge at start and again when kRenewAfter has passed; sessions keep the
// one that they advertised. Immutable after make(), so any thread may read it.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"

struct x509_st;
struct evp_pkey_st;

namespace jmeet::bridge {

// As signalled: hash "sha-256" (any case), value "AB:CD:..".
struct Fingerprint {
    std::string hash;
    std::string value;
    bool operator==(const Fingerprint&) const = default;
};

class Certificate {
 public:
    static constexpr std::chrono::hours kRenewAfter{24};
    static constexpr std::chrono::hours kValidBefore{24};      // for clients whose clock is behind
    static constexpr std::chrono::hours kValidAfter{24 * 7};

    static Result<Certificate> make(std::chrono::system_clock::time_point now);

    // sha-256, upper-case hex pairs with colons: what the bridge advertises.
    const Fingerprint& fingerprint() const { return fingerprint_; }
    bool is_due_for_renewal(std::chrono::system_clock::time_point now) const {
        return now - made_at_ >= kRenewAfter;
    }
    x509_st* x509() const { return x509_.get(); }
    evp_pkey_st* key() const { return key_.get(); }

 private:
    Certificate() = default;

    // Shared with OpenSSL's contexts, which count their references themselves.
    std::shared_ptr<x509_st> x509_;
    std::shared_ptr<evp_pkey_st> key_;
    Fingerprint fingerprint_;
    std::chrono::system_clock::time_point made_at_{};
};

enum class FingerprintCheck {
    match,
    mismatch,
    no_usable_hash,  // nothing signalled with sha-512, sha-384, sha-256 or sha-1
};

// The strongest hash function that was signalled decides alone: one of its values must match, and
// a match on a weaker one does not count. COMPAT: sha-1 is accepted where nothing stronger was
// signalled, as JVB does. The bytes are compared in constant time.
FingerprintCheck check_fingerprints(x509_st& certificate, std::span<const Fingerprint> signalled);

}  // namespace jmeet::bridge
