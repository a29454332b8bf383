#include "bridge/forward/retransmission_map.hpp"

#include <algorithm>

#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

RetransmissionMap::RetransmissionMap() : slots_(kEntries) {}

void RetransmissionMap::insert(const Rewrite& rewrite, int encoding, std::uint16_t original_seq,
                               TimePoint now) {
    Slot& slot = slots_[rewrite.seq % kEntries];
    slot.entry.rewrite = rewrite;
    slot.entry.encoding = static_cast<std::uint8_t>(encoding);
    slot.entry.original_seq = original_seq;
    slot.sent = now;
    slot.used = true;
    if (!any_ || seq_newer(rewrite.seq, newest_)) newest_ = rewrite.seq;
    any_ = true;
}

std::optional<RetransmissionMap::Entry> RetransmissionMap::take_for_resend(
    std::uint16_t seq, std::optional<Duration> rtt, TimePoint now) {
    Slot& slot = slots_[seq % kEntries];
    if (!slot.used || slot.entry.rewrite.seq != seq) {
        ++misses_;
        return std::nullopt;
    }
    if (rtt) {
        const Duration wait = std::min<Duration>(*rtt * 9 / 10, *rtt - milliseconds(5));
        if (now - slot.sent < wait) {
            ++suppressed_;
            return std::nullopt;
        }
    }
    slot.sent = now;
    return slot.entry;
}

std::optional<RetransmissionMap::Entry> RetransmissionMap::newest() const {
    const Slot& slot = slots_[newest_ % kEntries];
    if (!any_ || !slot.used || slot.entry.rewrite.seq != newest_) return std::nullopt;
    return slot.entry;
}

void RetransmissionMap::clear() {
    for (Slot& slot : slots_) slot.used = false;
    any_ = false;
}

}  // namespace jmeet::bridge
