#include "bridge/receive/transport_cc_receiver.hpp"

#include <algorithm>

#include "bridge/rtp/rtcp/transport_cc.hpp"

namespace jmeet::bridge {

bool TransportCcReceiver::on_packet(std::uint16_t seq16, Ssrc media, bool marker,
                                    TimePoint arrival) {
    const std::int64_t seq = unwrapper_.unwrap(seq16);
    if (!started_) {
        started_ = true;
        window_start_ = counted_until_ = forgotten_until_ = seq;
        last_feedback_ = arrival;
    }
    if (!record(seq, arrival)) return false;
    media_ = media;
    const Duration waited = arrival - last_feedback_;
    return waited >= kInterval || (marker && waited >= kMarkerInterval);
}

bool TransportCcReceiver::due(TimePoint now) const {
    return size_ > 0 && at(size_ - 1).seq >= window_start_ && now - last_feedback_ >= kInterval;
}

// False for a number that is known already.
bool TransportCcReceiver::record(std::int64_t seq, TimePoint arrival) {
    const std::size_t place = first_at_or_after(seq);
    if (place < size_ && at(place).seq == seq) return false;
    ++received_;
    if (seq < counted_until_ && lost_ > 0) --lost_;
    // Too late: telling it again would call what is forgotten after it lost.
    if (seq < forgotten_until_) return true;
    forget_old(arrival);
    insert(first_at_or_after(seq), {seq, arrival});
    window_start_ = std::min(window_start_, seq);
    return true;
}

void TransportCcReceiver::grow() {
    std::vector<Arrival> larger(std::max(kFirstArrivals, 2 * ring_.size()));
    for (std::size_t i = 0; i < size_; ++i) larger[i] = at(i);
    ring_ = std::move(larger);
    head_ = 0;
}

void TransportCcReceiver::insert(std::size_t place, Arrival arrival) {
    if (size_ == ring_.size()) grow();
    ++size_;
    for (std::size_t i = size_ - 1; i > place; --i) at(i) = at(i - 1);
    at(place) = arrival;
}

// Makes room for one more.
void TransportCcReceiver::forget_old(TimePoint now) {
    const auto useless = [&](const Arrival& a) {
        return size_ == kMaxArrivals || (a.seq < window_start_ && now - a.at > kKeep);
    };
    while (size_ > 0 && useless(at(0))) {
        forgotten_until_ = at(0).seq + 1;
        head_ = (head_ + 1) % ring_.size();
        --size_;
    }
}

std::size_t TransportCcReceiver::first_at_or_after(std::int64_t seq) const {
    std::size_t low = 0;
    std::size_t high = size_;
    if (high == 0 || at(high - 1).seq < seq) return high;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (at(middle).seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

std::size_t TransportCcReceiver::write_feedback(Ssrc sender, TimePoint now, Bytes out) {
    std::size_t next = first_at_or_after(window_start_);
    if (next == size_) return 0;
    // LIMIT: a window wider than this starts at what arrived: nobody awaits older news.
    constexpr std::int64_t kMaxWindow = 0x8000;
    window_start_ = std::max(window_start_, at(next).seq - kMaxWindow);

    rtcp::TransportCcBuilder builder(static_cast<std::uint16_t>(window_start_), at(next).at);
    std::int64_t expected = window_start_;
    for (; next < size_; ++next) {
        const std::int64_t seq = at(next).seq;
        if (seq - expected > kMaxWindow) break;
        if (!builder.add_received(static_cast<std::uint16_t>(seq), at(next).at)) break;
        if (seq >= counted_until_) {
            lost_ += static_cast<std::uint64_t>(seq - std::max(expected, counted_until_));
            counted_until_ = seq + 1;
        }
        expected = seq + 1;
    }
    window_start_ = expected;
    last_feedback_ = now;
    return builder.write(sender, media_, feedback_count_++, out);
}

}  // namespace jmeet::bridge
