#include "bridge/bwe/sent_packets.hpp"

namespace jmeet::bridge {

SentPackets::SentPackets() : ring_(kHistory) { results_.reserve(kMaxResults); }

std::uint16_t SentPackets::next(std::uint32_t size, TimePoint now) {
    const std::int64_t number = next_++;
    ring_[static_cast<std::size_t>(number) % kHistory] = {number, now, size, probe_,
                                                           State::in_flight};
    (padding_ ? bytes_.padding : bytes_.media) += size;
    return static_cast<std::uint16_t>(number);
}

// The number nearest to the newest sent one that ends in these 16 bits.
std::int64_t SentPackets::unwrap(std::uint16_t sequence) const {
    const std::int64_t reference = newest();
    const auto distance =
        static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - reference));
    return reference + distance;
}

std::span<const PacketResult> SentPackets::on_feedback(std::span<const FeedbackItem> items) {
    results_.clear();
    for (const FeedbackItem& item : items) {
        const std::int64_t number = unwrap(item.sequence);
        Sent* sent = number > 0 ? &ring_[static_cast<std::size_t>(number) % kHistory] : nullptr;
        if (!sent || sent->number != number || sent->state == State::empty) {
            ++unmatched_;
            continue;
        }
        const bool was_lost = sent->state == State::lost;
        if (!item.arrival && was_lost) continue;
        if (results_.size() == kMaxResults) break;
        results_.push_back({sent->at, sent->size, item.arrival, was_lost, sent->probe});
        sent->state = item.arrival ? State::empty : State::lost;
    }
    return results_;
}

}  // namespace jmeet::bridge
