#include "bridge/ice/stun.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "bridge/ice/crc32.hpp"

namespace jmeet::bridge {

namespace {

constexpr std::uint32_t kFingerprintXor = 0x5354554e;
constexpr std::size_t kAttributeHeader = 4;
constexpr std::size_t kIntegritySize = 20;
constexpr std::uint16_t kFirstOptional = 0x8000;

// The class is in bits 4 and 8 of the type, the method around them (RFC 8489 section 5).
StunClass class_of(std::uint16_t type) {
    return static_cast<StunClass>(((type >> 4) & 1) | ((type >> 7) & 2));
}
std::uint16_t method_of(std::uint16_t type) {
    return static_cast<std::uint16_t>((type & 0x000f) | ((type & 0x00e0) >> 1) |
                                      ((type & 0x3e00) >> 2));
}
std::uint16_t type_of(StunClass c, std::uint16_t method) {
    const auto bits = static_cast<unsigned>(c);
    return static_cast<std::uint16_t>((method & 0x000f) | ((method & 0x0070) << 1) |
                                      ((method & 0x0f80) << 2) | ((bits & 1) << 4) |
                                      ((bits & 2) << 7));
}

std::size_t padded(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

std::string_view as_text(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

BytesView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::optional<StunMessage> StunMessage::parse(BytesView datagram) {
    if (datagram.size() < kStunHeaderSize || (datagram[0] & 0xc0) != 0) return {};
    if (load_be32(&datagram[4]) != kStunMagicCookie) return {};
    const std::size_t length = load_be16(&datagram[2]);
    if (length % 4 != 0 || kStunHeaderSize + length != datagram.size()) return {};
    StunMessage m;
    m.bytes_ = datagram;
    m.class_ = class_of(load_be16(datagram.data()));
    m.method_ = method_of(load_be16(datagram.data()));
    if (!m.read_attributes()) return {};
    return m;
}

bool StunMessage::read_attributes() {
    std::size_t at = kStunHeaderSize;
    for (std::size_t n = 0; at < bytes_.size(); ++n) {
        if (n == kMaxStunAttributes || has_fingerprint_) return false;  // FINGERPRINT is the last
        if (bytes_.size() - at < kAttributeHeader) return false;
        const std::uint16_t type = load_be16(&bytes_[at]);
        const std::size_t length = load_be16(&bytes_[at + 2]);
        if (bytes_.size() - at - kAttributeHeader < padded(length)) return false;
        if (!read_attribute(type, bytes_.subspan(at + kAttributeHeader, length), at)) return false;
        at += kAttributeHeader + padded(length);
    }
    return true;
}

bool StunMessage::read_attribute(std::uint16_t type, BytesView value, std::size_t at) {
    const auto attribute = static_cast<StunAttribute>(type);
    if (attribute == StunAttribute::fingerprint) return check_fingerprint(value, at);
    // What follows MESSAGE-INTEGRITY is not protected by it and is ignored (RFC 8489 14.5). The
    // first one of several equal attributes counts (section 14).
    if (integrity_at_ != 0) return true;
    switch (attribute) {
        case StunAttribute::message_integrity:
            integrity_at_ = at;
            return value.size() == kIntegritySize;
        case StunAttribute::username:
            if (username_.empty()) username_ = as_text(value);
            return value.size() <= kMaxStunUsername;
        case StunAttribute::priority:
            if (value.size() != 4) return false;
            if (!priority_) priority_ = load_be32(value.data());
            return true;
        case StunAttribute::use_candidate:
            use_candidate_ = true;
            return value.empty();
        case StunAttribute::ice_controlling:
            if (value.size() != 8) return false;
            if (!controlling_) controlling_ = load_be64(value.data());
            return true;
        case StunAttribute::ice_controlled:
            if (value.size() != 8) return false;
            if (!controlled_) controlled_ = load_be64(value.data());
            return true;
        case StunAttribute::xor_mapped_address:
            return read_mapped(value);
        case StunAttribute::error_code:
            if (value.size() < 4) return false;
            if (!error_code_) {
                error_code_ = static_cast<std::uint16_t>((value[2] & 7) * 100 + value[3]);
            }
            return true;
        case StunAttribute::mapped_address:
        case StunAttribute::unknown_attributes:
            return true;
        default:
            if (type < kFirstOptional && unknown_count_ < unknown_.size()) {
                unknown_[unknown_count_++] = type;
            }
            return true;
    }
}

bool StunMessage::read_mapped(BytesView value) {
    if (value.size() < 4) return false;
    const bool v6 = value[1] == 2;
    if ((!v6 && value[1] != 1) || value.size() != (v6 ? 20u : 8u)) return false;
    const auto port = static_cast<std::uint16_t>(load_be16(&value[2]) ^ (kStunMagicCookie >> 16));
    std::array<std::uint8_t, 16> ip{};
    // The key is the magic cookie followed by the transaction id: header bytes 4 to 20.
    for (std::size_t i = 0; i < value.size() - 4; ++i) ip[i] = value[4 + i] ^ bytes_[4 + i];
    if (!mapped_) mapped_ = Address::from_bytes(BytesView(ip).first(value.size() - 4), port);
    return true;
}

bool StunMessage::check_fingerprint(BytesView value, std::size_t at) {
    if (value.size() != 4) return false;
    if ((crc32(bytes_.first(at)) ^ kFingerprintXor) != load_be32(value.data())) return false;
    has_fingerprint_ = true;
    return true;
}

TransactionId StunMessage::transaction() const {
    TransactionId id{};
    std::ranges::copy(bytes_.subspan(8, id.size()), id.begin());
    return id;
}

std::string_view StunMessage::receiver_ufrag() const {
    const std::size_t colon = username_.find(':');
    return colon == std::string_view::npos ? std::string_view{} : username_.substr(0, colon);
}

std::string_view StunMessage::sender_ufrag() const {
    const std::size_t colon = username_.find(':');
    return colon == std::string_view::npos ? std::string_view{} : username_.substr(colon + 1);
}

bool StunMessage::check_integrity(const IntegrityKey& key) const {
    if (!has_integrity()) return false;
    // Signed with a length that ends after MESSAGE-INTEGRITY, whatever follows it.
    std::array<std::uint8_t, kStunHeaderSize> header{};
    std::ranges::copy(bytes_.first(kStunHeaderSize), header.begin());
    const std::size_t end = integrity_at_ + kAttributeHeader + kIntegritySize;
    store_be16(&header[2], static_cast<std::uint16_t>(end - kStunHeaderSize));
    IntegrityKey::Digest digest{};
    const BytesView body = bytes_.subspan(kStunHeaderSize, integrity_at_ - kStunHeaderSize);
    if (!key.sign(header, body, digest)) return false;
    return CRYPTO_memcmp(digest.data(), &bytes_[integrity_at_ + kAttributeHeader],
                         digest.size()) == 0;
}

StunWriter::StunWriter(Bytes out, StunClass message_class, const TransactionId& transaction,
                       std::uint16_t method)
    : out_(out), writer_(out), transaction_(transaction) {
    writer_.u16(type_of(message_class, method));
    writer_.u16(0);
    writer_.u32(kStunMagicCookie);
    writer_.bytes(transaction);
}

void StunWriter::attribute(StunAttribute type, std::size_t length) {
    writer_.u16(static_cast<std::uint16_t>(type));
    writer_.u16(static_cast<std::uint16_t>(length));
}

void StunWriter::pad(std::size_t length) { writer_.zeros(padded(length) - length); }

void StunWriter::username(std::string_view receiver_ufrag, std::string_view sender_ufrag) {
    const std::size_t length = receiver_ufrag.size() + 1 + sender_ufrag.size();
    attribute(StunAttribute::username, length);
    writer_.bytes(as_bytes(receiver_ufrag));
    writer_.u8(':');
    writer_.bytes(as_bytes(sender_ufrag));
    pad(length);
}

void StunWriter::priority(std::uint32_t value) {
    attribute(StunAttribute::priority, 4);
    writer_.u32(value);
}

void StunWriter::use_candidate() { attribute(StunAttribute::use_candidate, 0); }

void StunWriter::controlling(std::uint64_t tie_breaker) {
    attribute(StunAttribute::ice_controlling, 8);
    writer_.u64(tie_breaker);
}

void StunWriter::controlled(std::uint64_t tie_breaker) {
    attribute(StunAttribute::ice_controlled, 8);
    writer_.u64(tie_breaker);
}

void StunWriter::xor_mapped_address(const Address& address) {
    const BytesView ip = address.ip();
    std::array<std::uint8_t, 16> key{};
    store_be32(key.data(), kStunMagicCookie);
    std::ranges::copy(transaction_, key.begin() + 4);
    attribute(StunAttribute::xor_mapped_address, 4 + ip.size());
    writer_.u8(0);
    writer_.u8(address.is_v6() ? 2 : 1);
    writer_.u16(static_cast<std::uint16_t>(address.port() ^ (kStunMagicCookie >> 16)));
    for (std::size_t i = 0; i < ip.size(); ++i) writer_.u8(ip[i] ^ key[i]);
}

void StunWriter::error_code(std::uint16_t code, std::string_view reason) {
    attribute(StunAttribute::error_code, 4 + reason.size());
    writer_.u16(0);
    writer_.u8(static_cast<std::uint8_t>(code / 100));
    writer_.u8(static_cast<std::uint8_t>(code % 100));
    writer_.bytes(as_bytes(reason));
    pad(reason.size());
}

void StunWriter::unknown_attributes(std::span<const std::uint16_t> types) {
    attribute(StunAttribute::unknown_attributes, 2 * types.size());
    for (const std::uint16_t type : types) writer_.u16(type);
    pad(2 * types.size());
}

void StunWriter::set_length(std::size_t body) {
    store_be16(&out_[2], static_cast<std::uint16_t>(body));
}

std::size_t StunWriter::finish(const IntegrityKey* key) {
    constexpr std::size_t kIntegrity = kAttributeHeader + kIntegritySize;
    constexpr std::size_t kFingerprint = kAttributeHeader + 4;
    if (!writer_.ok()) return 0;
    if (key != nullptr) {
        set_length(writer_.size() - kStunHeaderSize + kIntegrity);
        IntegrityKey::Digest digest{};
        const BytesView all = writer_.written();
        if (!key->sign(all.first(kStunHeaderSize), all.subspan(kStunHeaderSize), digest)) return 0;
        attribute(StunAttribute::message_integrity, digest.size());
        writer_.bytes(digest);
    }
    if (!writer_.ok()) return 0;
    set_length(writer_.size() - kStunHeaderSize + kFingerprint);
    const std::uint32_t crc = crc32(writer_.written()) ^ kFingerprintXor;
    attribute(StunAttribute::fingerprint, 4);
    writer_.u32(crc);
    return writer_.ok() ? writer_.size() : 0;
}

}  // namespace jmeet::bridge
