#include "bridge/dtls/ssrc_table.hpp"

#include <utility>

namespace jmeet::bridge {

std::optional<std::uint32_t> SsrcTable::touch(std::uint32_t ssrc) {
    ++clock_;
    std::size_t at = find(ssrc);
    if (slots_[at].used_at != 0) {
        slots_[at].used_at = clock_;
        return std::nullopt;
    }
    std::optional<std::uint32_t> gone;
    if (size_ >= limit_) {
        gone = oldest();
        erase(*gone);
        at = find(ssrc);
    } else if ((size_ + 1) * 2 > slots_.size()) {
        grow();
        at = find(ssrc);
    }
    slots_[at] = {clock_, 0, ssrc};
    ++size_;
    return gone;
}

bool SsrcTable::erase(std::uint32_t ssrc) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t hole = find(ssrc);
    if (slots_[hole].used_at == 0) return false;
    // Linear probing: those behind the hole move up if the hole lies between home and place.
    for (std::size_t at = (hole + 1) & mask; slots_[at].used_at != 0; at = (at + 1) & mask) {
        const std::size_t distance_from_home = (at - home(slots_[at].ssrc)) & mask;
        if (distance_from_home >= ((at - hole) & mask)) {
            slots_[hole] = slots_[at];
            hole = at;
        }
    }
    slots_[hole] = {};
    --size_;
    return true;
}

std::size_t SsrcTable::find(std::uint32_t ssrc) const {
    std::size_t at = home(ssrc);
    while (slots_[at].used_at != 0 && slots_[at].ssrc != ssrc) at = (at + 1) & (slots_.size() - 1);
    return at;
}

void SsrcTable::grow() {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    for (const Slot& slot : old) {
        if (slot.used_at != 0) slots_[find(slot.ssrc)] = slot;
    }
}

std::uint32_t SsrcTable::oldest() const {
    const Slot* found = nullptr;
    for (const Slot& slot : slots_) {
        if (slot.used_at != 0 && (!found || slot.used_at < found->used_at)) found = &slot;
    }
    return found ? found->ssrc : 0;
}

}  // namespace jmeet::bridge
