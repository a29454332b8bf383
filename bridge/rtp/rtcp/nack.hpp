// Generic negative acknowledgement: RFC 4585 section 6.2.1.
#pragma once

#include <bit>
#include <optional>
#include <span>

#include "base/ids.hpp"
#include "bridge/rtp/rtcp/compound.hpp"

namespace jmeet::bridge::rtcp {

// A parsed one; the numbers are read from the packet while walking over them.
struct Nack {
    Ssrc sender;
    Ssrc media;
    BytesView items;  // pairs of number and bit mask, a multiple of 4 bytes

    static std::optional<Nack> parse(const Packet& packet);

    // Calls f(std::uint16_t seq) for each lost number, in the packet's order.
    template <class F>
    void for_each(F&& f) const {
        for (std::size_t at = 0; at + 4 <= items.size(); at += 4) {
            const std::uint16_t first = load_be16(&items[at]);
            f(first);
            for (unsigned mask = load_be16(&items[at + 2]); mask; mask &= mask - 1) {
                f(static_cast<std::uint16_t>(first + 1 + std::countr_zero(mask)));
            }
        }
    }
};

// `lost` in sending order, each once. Writes as many as fit into `out` (and kMaxCompound): a
// request that is too long loses its newest numbers. Bytes written; 0 for none.
std::size_t write_nack(Ssrc sender, Ssrc media, std::span<const std::uint16_t> lost, Bytes out);

}  // namespace jmeet::bridge::rtcp
