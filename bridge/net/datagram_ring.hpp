// DatagramRing: datagrams that wait for somebody to take them: those that came to one media worker
// and belong to another, and the handshakes of a crowd that joins at once.
//
// A bounded ring, one per taker: any worker puts, the owner takes, nobody waits and nobody locks.
// A slot's turn says whose move it is (Vyukov's bounded queue). Bytes are copied in and out, so
// that no block of a pool leaves its thread or is held back from reading.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "bridge/ice/address.hpp"
#include "bridge/rtp/packet_pool.hpp"

namespace jmeet::bridge {

class DatagramRing {
 public:
    // LIMIT: datagrams that wait: eight full reads of a socket, or 256 people in the middle of a
    // handshake. 840 KB, which the system gives as they are used.
    static constexpr std::size_t kSlots = 512;

    DatagramRing() {
        for (std::size_t i = 0; i < kSlots; ++i) turns_[i].store(i, std::memory_order_relaxed);
    }
    DatagramRing(const DatagramRing&) = delete;
    DatagramRing& operator=(const DatagramRing&) = delete;

    // Any thread. False when full, or for a datagram larger than a block.
    bool put(BytesView bytes, const Address& from, TimePoint arrival);
    // The owner only. The packet must be a fresh block; false (and it is left as it was) when
    // there is nothing.
    bool take(PacketPtr& packet, Address& from);
    // Of the owner: something was there at the time of the call.
    bool has_more() const {
        return turns_[taken_ % kSlots].load(std::memory_order_acquire) == taken_ + 1;
    }

 private:
    struct Slot {
        Address from;
        std::uint32_t size;
        TimePoint arrival;
        std::uint8_t bytes[kPacketCapacity];
    };

    // The turn of a slot: n when it is free for the n-th datagram, n + 1 when that one is in it.
    // Apart from the slots, so that making the ring touches no more than these.
    std::array<std::atomic<std::uint64_t>, kSlots> turns_;
    alignas(64) std::atomic<std::uint64_t> put_{0};
    alignas(64) std::uint64_t taken_ = 0;
    std::unique_ptr<Slot[]> slots_ = std::make_unique_for_overwrite<Slot[]>(kSlots);
};

}  // namespace jmeet::bridge
