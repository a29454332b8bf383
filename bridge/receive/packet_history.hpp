// The last packets of one encoding, for retransmission to receivers that lost them. Shared: one
// copy serves all receivers, each of which writes its own header when it sends again.
//
// Found by the (renumbered) sequence number of the source, bounded by count and by age. Bytes lie
// one after the other in a ring that grows until it holds kMaxAge of the stream, so a slow stream
// keeps little memory and a silent one none. Owned by the stream; on its media worker.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "bridge/limits.hpp"
#include "bridge/rtp/packet_pool.hpp"

namespace jmeet::bridge {

class PacketHistory {
 public:
    // LIMIT: two seconds, as long as it is known what was sent; a decoder has asked for a key frame
    // by then.
    static constexpr std::size_t kMaxPackets = limits::kHistoryPackets;
    static constexpr Duration kMaxAge = seconds(2);
    // LIMIT: 512 packets of the largest size that comes.
    static constexpr std::size_t kMaxBytes = 1 << 20;

    // Copies the packet; its own sequence number is the key. An older one in its place is gone.
    void insert(const PacketPtr& packet);
    // Empty when it is not here (any more). Valid until the next insert or expire.
    std::optional<BytesView> find(std::uint16_t seq, TimePoint now) const;
    // The newest packet: what bandwidth probes repeat.
    std::optional<BytesView> newest(TimePoint now) const { return find(newest_seq_, now); }
    // From the worker's timer: frees all memory when nothing came for kMaxAge.
    void expire(TimePoint now);
    void clear();
    bool empty() const { return places_.empty(); }
    std::size_t capacity() const { return bytes_.size(); }

 private:
    static constexpr std::size_t kFirstPlaces = 32;
    static constexpr std::size_t kFirstBytes = 8'192;
    static_assert(kFirstBytes >= kPacketCapacity);

    struct Place {
        std::uint64_t position = 0;  // in all that was ever written
        TimePoint arrival;
        std::uint16_t size = 0;  // 0: free
        std::uint16_t seq = 0;
    };

    Place& place(std::uint16_t seq) { return places_[seq & (places_.size() - 1)]; }
    const Place& place(std::uint16_t seq) const { return places_[seq & (places_.size() - 1)]; }
    bool is_kept(const Place& place, TimePoint now) const;
    void make_place(std::uint16_t seq, TimePoint now);
    void make_bytes(std::size_t size, TimePoint now);
    void end_lap(TimePoint now);

    std::vector<Place> places_;        // by number; a power of two
    std::vector<std::uint8_t> bytes_;
    std::uint64_t written_ = 0;
    TimePoint lap_start_;
    TimePoint newest_arrival_;
    std::uint16_t newest_seq_ = 0;
};

}  // namespace jmeet::bridge
