#include "bridge/rtp/packet_pool.hpp"

#include <algorithm>

namespace jmeet::bridge {

PacketPool::PacketPool(std::size_t max_packets, std::size_t chunk)
    : max_packets_(max_packets), chunk_(std::max<std::size_t>(chunk, 1)) {
    chunks_.reserve(max_packets_ / chunk_ + 1);
}

PacketPool::~PacketPool() { assert(in_use_ == 0 && "a packet outlived its pool"); }

bool PacketPool::grow() {
    const std::size_t count = std::min(chunk_, max_packets_ - allocated_);
    if (count == 0) return false;
    chunks_.push_back(std::make_unique_for_overwrite<PacketBlock[]>(count));
    PacketBlock* blocks = chunks_.back().get();
    for (std::size_t i = 0; i < count; ++i) {
        blocks[i].pool = this;
        blocks[i].next = free_;
        free_ = &blocks[i];
    }
    allocated_ += count;
    return true;
}

PacketPtr PacketPool::take() {
    if (!free_ && !grow()) {
        ++refused_;
        return {};
    }
    PacketBlock* block = std::exchange(free_, free_->next);
    block->size = 0;
    block->arrival = {};
    ++in_use_;
    return PacketPtr(block);
}

PacketPtr PacketPool::copy(BytesView bytes, TimePoint arrival) {
    if (bytes.size() > kPacketCapacity) return {};
    PacketPtr packet = take();
    if (packet) {
        if (!bytes.empty()) std::memcpy(packet.data(), bytes.data(), bytes.size());
        packet.set_size(bytes.size());
        packet.set_arrival(arrival);
    }
    return packet;
}

void PacketPool::warm_up(std::size_t count) {
    while (allocated_ < std::min(count, max_packets_)) grow();
}

}  // namespace jmeet::bridge
