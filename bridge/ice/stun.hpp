// STUN messages (RFC 8489) as ICE uses them (RFC 8445): a bounded view of a received message, the
// integrity key of one password, and a writer into a given block.
//
// A StunMessage points into the datagram that it was parsed from and lives no longer than that.
// Values; no state; any thread. An IntegrityKey belongs to one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "bridge/ice/address.hpp"

struct evp_mac_ctx_st;

namespace jmeet::bridge {

enum class StunClass : std::uint8_t { request, indication, success, error };

enum class StunAttribute : std::uint16_t {
    mapped_address = 0x0001,
    username = 0x0006,
    message_integrity = 0x0008,
    error_code = 0x0009,
    unknown_attributes = 0x000a,
    xor_mapped_address = 0x0020,
    priority = 0x0024,
    use_candidate = 0x0025,
    fingerprint = 0x8028,
    ice_controlled = 0x8029,
    ice_controlling = 0x802a,
};

inline constexpr std::uint32_t kStunMagicCookie = 0x2112a442;
inline constexpr std::size_t kStunHeaderSize = 20;
inline constexpr std::uint16_t kStunBinding = 0x001;

// LIMIT: USERNAME is at most 513 bytes by RFC 8489 section 14.3.
inline constexpr std::size_t kMaxStunUsername = 513;
// LIMIT: an ICE check has about ten attributes; more than this is not a check, and walking them
// is the whole cost of a hostile message.
inline constexpr std::size_t kMaxStunAttributes = 32;
// LIMIT: unknown required attributes that an error response names; the rest is left out.
inline constexpr std::size_t kMaxUnknownAttributes = 8;

using TransactionId = std::array<std::uint8_t, 12>;

// HMAC-SHA1 with the key schedule of one password done once (RFC 8489 section 9.1, short-term).
class IntegrityKey {
 public:
    IntegrityKey() = default;
    explicit IntegrityKey(std::string_view password);
    bool empty() const { return context_ == nullptr; }

    using Digest = std::array<std::uint8_t, 20>;
    // Over header and body joined: the header's length field is usually not the wire's. False
    // only for an empty key or a library failure.
    bool sign(BytesView header, BytesView body, Digest& out) const;

 private:
    struct Free {
        void operator()(evp_mac_ctx_st* context) const;
    };
    std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

class StunMessage {
 public:
    // Empty when it is not STUN, any length lies, an attribute has a wrong size, or a present
    // FINGERPRINT does not match.
    static std::optional<StunMessage> parse(BytesView datagram);

    StunClass message_class() const { return class_; }
    std::uint16_t method() const { return method_; }
    bool is_binding(StunClass c) const { return method_ == kStunBinding && class_ == c; }
    TransactionId transaction() const;

    // USERNAME "receiver:sender"; both parts empty when there is none or it has no colon.
    std::string_view username() const { return username_; }
    std::string_view receiver_ufrag() const;
    std::string_view sender_ufrag() const;

    std::optional<std::uint32_t> priority() const { return priority_; }
    bool use_candidate() const { return use_candidate_; }
    std::optional<std::uint64_t> controlling() const { return controlling_; }  // tie-breaker
    std::optional<std::uint64_t> controlled() const { return controlled_; }
    std::optional<Address> mapped_address() const { return mapped_; }  // XOR-MAPPED-ADDRESS
    std::optional<std::uint16_t> error_code() const { return error_code_; }

    bool has_integrity() const { return integrity_at_ != 0; }
    bool has_fingerprint() const { return has_fingerprint_; }
    // False when there is no MESSAGE-INTEGRITY or it was made with another key.
    bool check_integrity(const IntegrityKey& key) const;

    // Comprehension-required attributes (below 0x8000) that this program does not know.
    std::span<const std::uint16_t> unknown_required() const {
        return std::span(unknown_).first(unknown_count_);
    }

 private:
    bool read_attributes();
    bool read_attribute(std::uint16_t type, BytesView value, std::size_t at);
    bool read_mapped(BytesView value);
    bool check_fingerprint(BytesView value, std::size_t at);

    BytesView bytes_;
    StunClass class_ = StunClass::request;
    std::uint16_t method_ = 0;
    std::string_view username_;
    std::optional<std::uint32_t> priority_;
    std::optional<std::uint64_t> controlling_;
    std::optional<std::uint64_t> controlled_;
    std::optional<Address> mapped_;
    std::optional<std::uint16_t> error_code_;
    bool use_candidate_ = false;
    bool has_fingerprint_ = false;
    std::size_t integrity_at_ = 0;
    std::array<std::uint16_t, kMaxUnknownAttributes> unknown_{};
    std::size_t unknown_count_ = 0;
};

// Writes one message; finish() adds MESSAGE-INTEGRITY (unless the key is null) and FINGERPRINT.
// What does not fit makes finish() return 0.
class StunWriter {
 public:
    StunWriter(Bytes out, StunClass message_class, const TransactionId& transaction,
               std::uint16_t method = kStunBinding);

    void username(std::string_view receiver_ufrag, std::string_view sender_ufrag);
    void priority(std::uint32_t value);
    void use_candidate();
    void controlling(std::uint64_t tie_breaker);
    void controlled(std::uint64_t tie_breaker);
    void xor_mapped_address(const Address& address);
    void error_code(std::uint16_t code, std::string_view reason);
    void unknown_attributes(std::span<const std::uint16_t> types);

    // The message's length, or 0.
    std::size_t finish(const IntegrityKey* key);

 private:
    void attribute(StunAttribute type, std::size_t length);
    void pad(std::size_t length);
    void set_length(std::size_t body);

    Bytes out_;
    ByteWriter writer_;
    TransactionId transaction_;
};

}  // namespace jmeet::bridge
