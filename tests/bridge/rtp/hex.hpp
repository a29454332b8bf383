// Bytes of a test, written as hex digits; spaces are for the reader.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace jmeet {

inline std::vector<std::uint8_t> from_hex(std::string_view text) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    std::vector<std::uint8_t> bytes;
    int high = -1;
    for (char c : text) {
        if (c == ' ' || c == '\n') continue;
        if (high < 0) {
            high = digit(c);
        } else {
            bytes.push_back(static_cast<std::uint8_t>((high << 4) | digit(c)));
            high = -1;
        }
    }
    return bytes;
}

}  // namespace jmeet
