// Blocks of memory for packets: a pool of fixed blocks and the move-only handle to one of them.
//
// Owner: each media worker has one pool and it outlives every packet taken from it. Not thread
// safe by design: a packet is used and freed on the worker whose pool it came from. Taking and
// freeing are a few instructions; memory is asked for in chunks only until the bound is reached.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace jmeet::bridge {

// LIMIT: an Ethernet frame carries at most 1472 bytes of UDP payload; the rest is room for the
// SRTP tag (16), a larger header extension and RTX's two bytes. 25 cache lines.
inline constexpr std::size_t kPacketCapacity = 1600;

class PacketPool;

struct alignas(64) PacketBlock {
    PacketBlock* next = nullptr;  // free list
    PacketPool* pool = nullptr;
    TimePoint arrival{};
    std::uint32_t size = 0;
    alignas(64) std::uint8_t bytes[kPacketCapacity];
};

// One packet. Empty after a move or when the pool had none left.
class PacketPtr {
 public:
    PacketPtr() = default;
    PacketPtr(PacketPtr&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    PacketPtr& operator=(PacketPtr&& other) noexcept {
        if (this != &other) {
            reset();
            block_ = std::exchange(other.block_, nullptr);
        }
        return *this;
    }
    ~PacketPtr() { reset(); }

    explicit operator bool() const { return block_ != nullptr; }
    void reset();

    std::uint8_t* data() { return block_->bytes; }
    const std::uint8_t* data() const { return block_->bytes; }
    std::size_t size() const { return block_->size; }
    static constexpr std::size_t capacity() { return kPacketCapacity; }
    void set_size(std::size_t size) {
        assert(size <= kPacketCapacity);
        block_->size = static_cast<std::uint32_t>(size);
    }
    // What the packet holds now.
    BytesView view() const { return {block_->bytes, block_->size}; }
    Bytes bytes() { return {block_->bytes, block_->size}; }
    // The whole block, to write into.
    Bytes block() { return {block_->bytes, kPacketCapacity}; }

    TimePoint arrival() const { return block_->arrival; }
    void set_arrival(TimePoint at) { block_->arrival = at; }

 private:
    friend class PacketPool;
    explicit PacketPtr(PacketBlock* block) : block_(block) {}
    PacketBlock* block_ = nullptr;
};

class PacketPool {
 public:
    // LIMIT: 16384 blocks = 27 MB.
    explicit PacketPool(std::size_t max_packets = 16384, std::size_t chunk = 256);
    ~PacketPool();
    PacketPool(const PacketPool&) = delete;
    PacketPool& operator=(const PacketPool&) = delete;

    // Size 0, arrival unset. Empty when the bound is reached (counted): drop the packet.
    PacketPtr take();
    // A new block with the same bytes and arrival; empty when bytes do not fit or none is left.
    PacketPtr copy(BytesView bytes, TimePoint arrival);
    // Allocates up to `count` blocks now, so that the packet path does not.
    void warm_up(std::size_t count);

    std::size_t allocated() const { return allocated_; }
    std::size_t in_use() const { return in_use_; }
    std::size_t max_packets() const { return max_packets_; }
    std::uint64_t refused() const { return refused_; }

 private:
    friend class PacketPtr;
    bool grow();
    void free(PacketBlock* block) {
        block->next = free_;
        free_ = block;
        --in_use_;
    }

    const std::size_t max_packets_;
    const std::size_t chunk_;
    PacketBlock* free_ = nullptr;
    std::size_t allocated_ = 0;
    std::size_t in_use_ = 0;
    std::uint64_t refused_ = 0;
    std::vector<std::unique_ptr<PacketBlock[]>> chunks_;
};

inline void PacketPtr::reset() {
    if (block_) {
        PacketBlock* block = std::exchange(block_, nullptr);
        block->pool->free(block);
    }
}

}  // namespace jmeet::bridge
