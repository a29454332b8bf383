// The SSRCs of one direction of an SrtpTransport, with the least recently used one at hand.
//
// Touching an SSRC that is known costs a hash look-up; only a new one may allocate or search. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace jmeet::bridge {

class SsrcTable {
 public:
    explicit SsrcTable(std::size_t limit) : limit_(limit), slots_(kFirstSize) {}

    // Marks as used just now. Answers the SSRC that had to go for a new one, if the table was full.
    std::optional<std::uint32_t> touch(std::uint32_t ssrc);
    // Of an SSRC that has just been touched: the index of its newest packet and one, 0 for none.
    // Kept for the caller, forgotten with the SSRC. Valid until the next touch or erase.
    std::uint64_t& next_index(std::uint32_t ssrc) { return slots_[find(ssrc)].next_index; }
    bool erase(std::uint32_t ssrc);
    bool contains(std::uint32_t ssrc) const { return slots_[find(ssrc)].used_at != 0; }
    std::size_t size() const { return size_; }

 private:
    static constexpr std::size_t kFirstSize = 16;
    struct Slot {
        std::uint64_t used_at = 0;  // 0: free
        std::uint64_t next_index = 0;
        std::uint32_t ssrc = 0;
    };

    std::size_t home(std::uint32_t ssrc) const {
        // Multiplicative hashing, so that SSRCs chosen by a peer in a row do not cluster.
        return static_cast<std::size_t>((ssrc * std::uint64_t{0x9E3779B97F4A7C15}) >> 40) &
               (slots_.size() - 1);
    }
    std::size_t find(std::uint32_t ssrc) const;  // its slot, or the free one where it would go
    void grow();
    std::uint32_t oldest() const;

    std::size_t limit_;
    std::vector<Slot> slots_;  // a power of two, at most half full
    std::size_t size_ = 0;
    std::uint64_t clock_ = 0;
};

}  // namespace jmeet::bridge
