#include "bridge/bwe/acked_rate.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr std::size_t kNeeded = 10;
constexpr std::size_t kPreferred = 20;
constexpr std::int32_t kPreferredSpan = 1'000'000;  // microseconds
constexpr std::int32_t kMaxSpan = 5'000'000;

std::int64_t rate(std::uint64_t bytes, std::int64_t us) {
    return static_cast<std::int64_t>(bytes * 8'000'000 /
                                     static_cast<std::uint64_t>(std::max<std::int64_t>(us, 1'000)));
}

}  // namespace

// `a` came before `b`. Of two packets sent at once the one that arrived first counts as the last.
AckedRate::Part AckedRate::join(const Part& a, const Part& b) {
    Part sum = a;
    if (after(b.first_sent, a.first_sent) < 0) sum.first_sent = b.first_sent;
    if (after(b.last_sent, a.last_sent) > 0) {
        sum.last_sent = b.last_sent;
        sum.last_size = b.last_size;
    }
    sum.largest_gap = std::max(a.largest_gap, b.largest_gap);
    sum.second_gap = std::max(std::min(a.largest_gap, b.largest_gap),
                              std::max(a.second_gap, b.second_gap));
    return sum;
}

// Everything belongs to the older half now.
void AckedRate::settle() {
    older_ = count_;
    for (std::size_t i = count_; i-- > 0;) {
        Item& item = at(i);
        item.onward = i + 1 == count_ ? part_of(item) : join(part_of(item), at(i + 1).onward);
    }
}

void AckedRate::drop_oldest() {
    if (older_ == 0) settle();
    bytes_ -= at(0).size;
    first_ = (first_ + 1) % kMax;
    --count_;
    if (--older_ == 0) settle();
}

void AckedRate::insert(std::size_t place, const Item& item) {
    const auto set_gap = [this](std::size_t i) {
        at(i).gap = i == 0 ? 0 : at(i).arrival - at(i - 1).arrival;
    };
    const bool last = place == count_;
    ++count_;
    for (std::size_t i = count_ - 1; i > place; --i) at(i) = at(i - 1);
    at(place) = item;
    set_gap(place);
    bytes_ += item.size;
    if (!last) {  // rare: it came out of order
        set_gap(place + 1);
        settle();
    } else {
        const Part part = part_of(at(place));
        newer_ = count_ - older_ == 1 ? part : join(newer_, part);
    }
}

void AckedRate::on_received(const PacketResult& packet) {
    if (!packet.arrival) return;
    if (items_.empty()) items_.resize(kMax);
    Item item;
    item.arrival = static_cast<Us>(packet.arrival->count());
    item.sent = static_cast<Us>(
        std::chrono::duration_cast<microseconds>(packet.sent.time_since_epoch()).count());
    item.size = static_cast<std::uint16_t>(std::min<std::uint32_t>(packet.size, UINT16_MAX));
    item.lost = static_cast<std::uint16_t>(std::min<std::uint32_t>(lost_, UINT16_MAX));
    lost_ = 0;
    if (count_ > 0) {
        // From another time: the receiver's clock jumped, or nothing came for long.
        const std::int32_t since = after(item.arrival, at(count_ - 1).arrival);
        if (since < -kPreferredSpan || since > kMaxSpan) {
            count_ = older_ = 0;
            bytes_ = 0;
        }
    }
    if (count_ == kMax) drop_oldest();
    std::size_t place = count_;
    while (place > 0 && after(at(place - 1).arrival, item.arrival) > 0) --place;
    insert(place, item);
    while (count_ > 1) {
        const std::int32_t span = after(at(count_ - 1).arrival, at(0).arrival);
        if (span <= kPreferredSpan || (span <= kMaxSpan && count_ <= kPreferred)) break;
        drop_oldest();
    }
}

std::optional<AckedRate::Recent> AckedRate::recent(milliseconds window,
                                                   std::size_t needed) const {
    if (count_ < needed) return std::nullopt;
    const auto span = static_cast<std::int32_t>(microseconds(window).count());
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;
    std::size_t i = count_ - 1;
    const Us newest = at(i).arrival;
    for (; i > 0 && after(newest, at(i - 1).arrival) <= span; --i) {
        bytes += at(i).size;
        lost += at(i).lost;
    }
    if (count_ - i < needed || bytes == 0) return std::nullopt;
    return Recent{rate(bytes, after(newest, at(i).arrival)),
                  static_cast<double>(lost) / static_cast<double>(bytes)};
}

std::optional<std::int64_t> AckedRate::bps() const {
    if (count_ < kNeeded) return std::nullopt;
    Part all = newer_;
    if (older_ > 0) {
        Part rest = older_ > 1 ? at(1).onward : newer_;
        if (older_ > 1 && older_ < count_) rest = join(rest, newer_);
        Item first = at(0);
        first.gap = 0;  // the pause before the window is not of it
        all = join(part_of(first), rest);
    }
    // One pause in the arrivals (a lost feedback, a stalled link) is not low bandwidth.
    const std::int64_t received = std::int64_t{after(at(count_ - 1).arrival, at(0).arrival)} -
                                  all.largest_gap + all.second_gap;
    return std::min(rate(bytes_ - at(0).size, received),
                    rate(bytes_ - all.last_size, after(all.last_sent, all.first_sent)));
}

}  // namespace jmeet::bridge
