// CRC-32 of ITU V.42, as FINGERPRINT has it (RFC 8489 section 14.7).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace jmeet::bridge {

consteval std::array<std::uint32_t, 256> make_crc32_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t c = i;
        for (int bit = 0; bit < 8; ++bit) c = (c & 1) ? 0xedb88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    return table;
}

inline constexpr std::array<std::uint32_t, 256> kCrc32Table = make_crc32_table();

inline std::uint32_t crc32(BytesView bytes) {
    std::uint32_t c = 0xffffffff;
    for (const std::uint8_t b : bytes) c = kCrc32Table[(c ^ b) & 0xff] ^ (c >> 8);
    return c ^ 0xffffffff;
}

}  // namespace jmeet::bridge
