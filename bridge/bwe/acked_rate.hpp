// How much of what was sent arrives: the rate that feedback acknowledges.
//
// One per estimator. The smaller of receive and send rate over the last packets, so
// that neither a burst of feedback nor a pause of the sender fools it.
// LIMIT: 500 packets or 5 s; with more than 20 packets 1 s.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bridge/bwe/sent_packets.hpp"

namespace jmeet::bridge {

class AckedRate {
 public:
    void on_received(const PacketResult& packet);
    // Empty until ten packets are known.
    std::optional<std::int64_t> bps() const;
    // Of the last 300 ms: how fast a full link is now, where bps() still remembers better times.
    std::optional<std::int64_t> recent_bps() const;

 private:
    static constexpr std::size_t kMax = 500;
    struct Item {
        microseconds arrival{};
        TimePoint sent{};
        std::uint32_t size = 0;
    };
    void drop_oldest();
    const Item& at(std::size_t i) const { return items_[(first_ + i) % kMax]; }
    Item& at(std::size_t i) { return items_[(first_ + i) % kMax]; }

    std::vector<Item> items_;  // a ring in order of arrival; allocated by the first packet
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace jmeet::bridge
