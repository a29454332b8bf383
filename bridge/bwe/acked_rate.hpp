// How much of what was sent arrives: the rate that feedback acknowledges.
//
// One per estimator. The smaller of receive and send rate over the last packets, so that neither
// a burst of feedback nor a pause of the sender fools it; the longest pause in the arrivals counts
// as the second longest. A sliding window kept as two stacks: what the older half comes to is known
// from each packet on, what the newer half comes to is one sum, so that a packet and a question
// cost the same however many there are.
// LIMIT: 500 packets or 5 s; with more than 20 packets 1 s.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bridge/bwe/sent_packets.hpp"

namespace jmeet::bridge {

// How far an estimate may go above what arrives: what nobody has tried is not known.
inline constexpr double kAboveAcked = 1.5;
inline constexpr double kAboveAckedBps = 10'000;

class AckedRate {
 public:
    void on_received(const PacketResult& packet);
    // Empty until ten packets are known.
    std::optional<std::int64_t> bps() const;
    // Of the last 300 ms: how fast a full link is now, where bps() still remembers better times.
    struct Recent {
        std::int64_t bps = 0;
        double lost = 0;  // bytes for one received
    };
    std::optional<Recent> recent(milliseconds window, std::size_t needed = 10) const;
    std::optional<std::int64_t> recent_bps() const {
        const auto r = recent(milliseconds(300));
        return r ? std::optional(r->bps) : std::nullopt;
    }
    // In the order of the feedback, between the received ones.
    void on_lost(const PacketResult& packet) { lost_ += packet.size; }

 private:
    static constexpr std::size_t kMax = 500;
    // Microseconds, the lower 32 bits: of a window of seconds only differences matter.
    using Us = std::uint32_t;
    static std::int32_t after(Us a, Us b) { return static_cast<std::int32_t>(a - b); }
    // Some packets in a row: what counts of them.
    struct Part {
        Us first_sent = 0;
        Us last_sent = 0;
        std::uint32_t largest_gap = 0;  // with the gap before the first packet
        std::uint32_t second_gap = 0;
        std::uint16_t last_size = 0;  // of the one sent last
    };
    struct Item {
        Us arrival = 0;
        std::uint32_t gap = 0;  // since the packet before
        Part onward;            // from this packet to the end of the older half
        Us sent = 0;
        std::uint16_t size = 0;
        std::uint16_t lost = 0;  // bytes right before it
    };
    static Part part_of(const Item& item) {
        return {item.sent, item.sent, item.gap, 0, item.size};
    }
    static Part join(const Part& a, const Part& b);
    void insert(std::size_t place, const Item& item);
    void drop_oldest();
    void settle();
    const Item& at(std::size_t i) const { return items_[(first_ + i) % kMax]; }
    Item& at(std::size_t i) { return items_[(first_ + i) % kMax]; }

    std::vector<Item> items_;  // a ring in order of arrival; allocated by the first packet
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::size_t older_ = 0;  // packets of the older half
    Part newer_;             // of the others, when there are any
    std::uint64_t bytes_ = 0;
    std::uint32_t lost_ = 0;  // since the last received packet
};

}  // namespace jmeet::bridge
