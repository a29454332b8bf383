// The last packets of one encoding, for retransmission to receivers that lost them. Shared: one
// copy serves all receivers, each of which writes its own header when it sends again.
//
// A ring by (renumbered) sequence number of the source, bounded by count and by age. Owned by the
// stream; on its media worker.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "bridge/rtp/packet_pool.hpp"

namespace jmeet::bridge {

class PacketHistory {
 public:
    // LIMIT: 512 packets (850 KB) per encoding, as many as Jitsi's bridge keeps per receiver;
    // three seconds: after that a decoder has asked for a key frame.
    static constexpr std::size_t kMaxPackets = 512;
    static constexpr Duration kMaxAge = seconds(3);

    PacketHistory();

    // Takes the packet; its own sequence number is the key. An older one in its place is freed.
    void insert(PacketPtr packet);
    // Null when it is not here (any more). Valid until the next insert or expire.
    const PacketPtr* find(std::uint16_t seq, TimePoint now) const;
    // The newest packet, or null: what bandwidth probes repeat.
    const PacketPtr* newest(TimePoint now) const { return find(newest_seq_, now); }
    // Frees what is too old. Called from the worker's timer, so that an encoding that stopped
    // does not keep its blocks.
    void expire(TimePoint now);
    void clear();
    std::size_t size() const { return size_; }

 private:
    PacketPtr& slot(std::uint16_t seq) { return slots_[seq % kMaxPackets]; }
    const PacketPtr& slot(std::uint16_t seq) const { return slots_[seq % kMaxPackets]; }

    std::vector<PacketPtr> slots_;
    std::size_t size_ = 0;
    std::uint16_t newest_seq_ = 0;
    bool empty_ = true;
};

}  // namespace jmeet::bridge
