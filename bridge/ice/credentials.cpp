#include "bridge/ice/credentials.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <exception>

namespace jmeet::bridge {

namespace {

constexpr std::string_view kBase32 = "0123456789abcdefghijklmnopqrstuv";

std::string base32(std::uint64_t value, std::size_t digits) {
    std::string text(digits, '0');
    for (std::size_t i = digits; i-- > 0; value >>= 5) text[i] = kBase32[value & 31];
    return text;
}

bool is_ice_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '+' || c == '/';
}

// COMPAT: not only the ice-char alphabet: some clients pad base 64 with '='. A colon would break
// USERNAME apart.
bool is_acceptable(char c) { return is_ice_char(c) || c == '=' || c == '-' || c == '_'; }

}  // namespace

std::uint64_t random_u64() {
    std::uint64_t value = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) {
        // Without randomness nothing here is safe; OpenSSL fails only when the system has none.
        std::terminate();
    }
    return value;
}

bool well_formed(const IceCredentials& c) {
    return c.ufrag.size() >= 4 && c.ufrag.size() <= kMaxUfrag && c.pwd.size() >= 22 &&
           c.pwd.size() <= kMaxPassword && std::ranges::all_of(c.ufrag, is_acceptable) &&
           std::ranges::all_of(c.pwd, is_acceptable);
}

IceCredentials make_local_credentials(std::uint64_t epoch_ms, std::string_view prefix) {
    std::string ufrag(prefix);
    ufrag += base32(random_u64(), 8);
    ufrag += base32(epoch_ms, 9);
    if (ufrag.size() > kMaxUfrag) ufrag.erase(0, ufrag.size() - kMaxUfrag);
    // 26 digits of 5 bits hold the 128 bits.
    return {std::move(ufrag), base32(random_u64(), 13) + base32(random_u64(), 13)};
}

}  // namespace jmeet::bridge
