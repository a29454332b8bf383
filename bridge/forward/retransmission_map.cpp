#include "bridge/forward/retransmission_map.hpp"

#include <algorithm>
#include <utility>

#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

bool RetransmissionMap::must_grow(std::uint16_t seq, TimePoint now) const {
    if (slots_.empty()) return true;
    const Slot& place = slot(seq);
    return slots_.size() < kEntries && place.used() && place.entry.rewrite.seq != seq &&
           now - place.sent < kKeep;
}

void RetransmissionMap::grow() {
    const std::size_t size = std::max(kFirstEntries, 2 * slots_.size());
    const auto old = std::exchange(slots_, std::vector<Slot>(size));
    for (const Slot& known : old) {
        if (known.used()) slot(known.entry.rewrite.seq) = known;
    }
}

void RetransmissionMap::insert(const Rewrite& rewrite, int encoding, std::uint16_t original_seq,
                               TimePoint now) {
    while (must_grow(rewrite.seq, now)) grow();
    Slot& place = slot(rewrite.seq);
    place.entry.rewrite = rewrite;
    place.entry.encoding = static_cast<std::uint8_t>(encoding);
    place.entry.original_seq = original_seq;
    place.sent = now;
    if (!any_ || seq_newer(rewrite.seq, newest_)) newest_ = rewrite.seq;
    any_ = true;
}

std::optional<RetransmissionMap::Entry> RetransmissionMap::take_for_resend(
    std::uint16_t seq, std::optional<Duration> rtt, TimePoint now) {
    Slot* const known = slots_.empty() ? nullptr : &slot(seq);
    if (!known || !known->used() || known->entry.rewrite.seq != seq) {
        ++misses_;
        return std::nullopt;
    }
    if (rtt) {
        const Duration wait = std::min<Duration>(*rtt * 9 / 10, *rtt - milliseconds(5));
        if (now - known->sent < wait) {
            ++suppressed_;
            return std::nullopt;
        }
    }
    known->sent = now;
    return known->entry;
}

std::optional<RetransmissionMap::Entry> RetransmissionMap::newest() const {
    if (!any_) return std::nullopt;
    const Slot& known = slot(newest_);
    if (!known.used() || known.entry.rewrite.seq != newest_) return std::nullopt;
    return known.entry;
}

void RetransmissionMap::clear() {
    for (Slot& known : slots_) known = {};
    any_ = false;
}

}  // namespace jmeet::bridge
