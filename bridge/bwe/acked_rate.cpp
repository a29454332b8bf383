#include "bridge/bwe/acked_rate.hpp"

#include <algorithm>
#include <utility>

namespace jmeet::bridge {

namespace {

constexpr std::size_t kNeeded = 10;
constexpr std::size_t kPreferred = 20;
constexpr microseconds kPreferredSpan = seconds(1);
constexpr microseconds kRecent = milliseconds(300);
constexpr microseconds kMaxSpan = seconds(5);

std::int64_t rate(std::uint64_t bytes, std::int64_t us) {
    return static_cast<std::int64_t>(bytes * 8'000'000 /
                                     static_cast<std::uint64_t>(std::max<std::int64_t>(us, 1'000)));
}

}  // namespace

void AckedRate::drop_oldest() {
    first_ = (first_ + 1) % kMax;
    --count_;
}

void AckedRate::on_received(const PacketResult& packet) {
    if (!packet.arrival) return;
    if (items_.empty()) items_.resize(kMax);
    const Item item{*packet.arrival, packet.sent, packet.size};
    if (count_ > 0 && at(count_ - 1).arrival - item.arrival > kPreferredSpan) count_ = 0;
    if (count_ == kMax) drop_oldest();
    std::size_t place = count_++;
    for (; place > 0 && at(place - 1).arrival > item.arrival; --place) at(place) = at(place - 1);
    at(place) = item;
    while (count_ > 1) {
        const microseconds span = at(count_ - 1).arrival - at(0).arrival;
        if (span <= kPreferredSpan || (span <= kMaxSpan && count_ <= kPreferred)) break;
        drop_oldest();
    }
}

std::optional<std::int64_t> AckedRate::recent_bps() const {
    if (count_ < kNeeded) return std::nullopt;
    std::uint64_t bytes = 0;
    std::size_t i = count_ - 1;
    const microseconds newest = at(i).arrival;
    for (; i > 0 && newest - at(i - 1).arrival <= kRecent; --i) bytes += at(i).size;
    if (count_ - i < kNeeded) return std::nullopt;
    return rate(bytes, (newest - at(i).arrival).count());
}

std::optional<std::int64_t> AckedRate::bps() const {
    if (count_ < kNeeded) return std::nullopt;
    std::uint64_t bytes = 0;
    std::int64_t largest_gap = 0;
    std::int64_t second_gap = 0;
    const Item* last_sent = &at(0);
    const Item* before = &at(0);
    TimePoint first_sent = at(0).sent;
    std::size_t place = first_;
    for (std::size_t i = 0; i < count_; ++i) {
        const Item& item = items_[place];
        if (++place == kMax) place = 0;
        bytes += item.size;
        first_sent = std::min(first_sent, item.sent);
        if (item.sent > last_sent->sent) last_sent = &item;
        const std::int64_t gap = (item.arrival - std::exchange(before, &item)->arrival).count();
        if (gap > largest_gap) {
            second_gap = largest_gap;
            largest_gap = gap;
        } else {
            second_gap = std::max(second_gap, gap);
        }
    }
    // One pause in the arrivals (a lost feedback, a stalled link) is not low bandwidth.
    const std::int64_t received =
        (at(count_ - 1).arrival - at(0).arrival).count() - largest_gap + second_gap;
    const std::int64_t sent =
        std::chrono::duration_cast<microseconds>(last_sent->sent - first_sent).count();
    return std::min(rate(bytes - at(0).size, received), rate(bytes - last_sent->size, sent));
}

}  // namespace jmeet::bridge
