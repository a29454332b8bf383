#include "bridge/bwe/sent_packets.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

std::uint32_t us_of(TimePoint at) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<microseconds>(at.time_since_epoch()).count());
}

}  // namespace

// 32 bits of microseconds are 71 minutes: nobody reports on packets of that age.
TimePoint SentPackets::time_of(const Sent& sent) const {
    const auto last = std::chrono::floor<microseconds>(last_sent_);
    return last - microseconds(us_of(last_sent_) - sent.at_us);
}

// Doubles the ring while the next number would take the place of one that may still be reported.
void SentPackets::make_room(TimePoint now) {
    while (ring_.size() < kHistory) {
        if (!ring_.empty()) {
            const Sent& oldest = place(next_);
            if (oldest.state == State::empty || now - time_of(oldest) >= kKeep) return;
        }
        const auto size = static_cast<std::int64_t>(ring_.size());
        std::vector<Sent> larger(std::max(kFirstHistory, 2 * ring_.size()));
        for (std::int64_t n = std::max<std::int64_t>(1, next_ - size); n < next_; ++n) {
            larger[static_cast<std::size_t>(n) % larger.size()] = place(n);
        }
        ring_ = std::move(larger);
    }
}

std::uint16_t SentPackets::next(std::uint32_t size, TimePoint now) {
    make_room(now);
    const std::int64_t number = next_++;
    Sent& sent = place(number);
    sent.at_us = us_of(now);
    sent.probe = probe_;
    sent.size = static_cast<std::uint16_t>(std::min(size, kMaxSize)) & kMaxSize;
    sent.state = State::in_flight;
    last_sent_ = now;
    (padding_ ? bytes_.padding : bytes_.media) += size;
    return static_cast<std::uint16_t>(number);
}

SentPackets::Sent* SentPackets::find(std::int64_t number) {
    const auto oldest = next_ - static_cast<std::int64_t>(ring_.size());
    if (number < 1 || number >= next_ || number < oldest) return nullptr;
    Sent& sent = place(number);
    return sent.state == State::empty ? nullptr : &sent;
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
        Sent* const sent = find(number);
        if (!sent) {
            ++unmatched_;
            continue;
        }
        const bool was_lost = sent->state == State::lost;
        if (!item.arrival && was_lost) continue;
        if (results_.size() == kMaxResults) break;
        results_.push_back({time_of(*sent), sent->size, item.arrival, was_lost, sent->probe});
        sent->state = item.arrival ? State::empty : State::lost;
    }
    return results_;
}

}  // namespace jmeet::bridge
