// A small table by SSRC for the packet path: open addressing in one block of memory, so that a
// look-up touches one or two cache lines. Entries are added, and taken away only
// all together.
//
// Value; media worker. Adding may allocate; references are valid until the next addition. LIMIT:
// none of its own: the owner bounds the SSRCs (what a receiver is sent on is what was signalled).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/ids.hpp"

namespace jmeet::bridge {

template <class T>
class SsrcMap {
 public:
    T* find(Ssrc ssrc) {
        if (slots_.empty()) return nullptr;
        Slot& slot = slots_[place(ssrc)];
        return slot.used ? &slot.value : nullptr;
    }
    T& operator[](Ssrc ssrc) {
        if (T* known = find(ssrc)) return *known;
        if ((size_ + 1) * 2 > slots_.size()) grow();
        ++size_;
        Slot& slot = slots_[place(ssrc)];
        slot.ssrc = ssrc;
        slot.used = true;
        return slot.value;
    }
    std::size_t size() const { return size_; }
    // Keeps the memory.
    void clear() {
        for (Slot& slot : slots_) slot = Slot{};
        size_ = 0;
    }

 private:
    struct Slot {
        Ssrc ssrc;
        bool used = false;
        T value{};
    };

    // Its slot, or the free one where it would go. A power of two, at most half full.
    std::size_t place(Ssrc ssrc) const {
        const std::size_t mask = slots_.size() - 1;
        // Multiplicative: SSRCs in a row do not cluster.
        std::size_t at = static_cast<std::size_t>(
                             (ssrc.value() * std::uint64_t{0x9E3779B97F4A7C15}) >> 40) & mask;
        while (slots_[at].used && slots_[at].ssrc != ssrc) at = (at + 1) & mask;
        return at;
    }
    void grow() {
        auto old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 8 : 2 * slots_.size()));
        for (Slot& slot : old) {
            if (slot.used) slots_[place(slot.ssrc)] = std::move(slot);
        }
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

}  // namespace jmeet::bridge
