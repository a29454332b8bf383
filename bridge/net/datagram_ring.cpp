#include "bridge/net/datagram_ring.hpp"

namespace jmeet::bridge {

bool DatagramRing::put(BytesView bytes, const Address& from, TimePoint arrival) {
    if (bytes.size() > kPacketCapacity) return false;
    std::uint64_t at = put_.load(std::memory_order_relaxed);
    for (;;) {
        const std::uint64_t turn = turns_[at % kSlots].load(std::memory_order_acquire);
        if (turn == at) {
            if (put_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) break;
        } else if (turn < at) {
            return false;  // the owner has not taken what was put there a round ago
        } else {
            at = put_.load(std::memory_order_relaxed);
        }
    }
    Slot& slot = slots_[at % kSlots];
    slot.from = from;
    slot.size = static_cast<std::uint32_t>(bytes.size());
    slot.arrival = arrival;
    if (!bytes.empty()) std::memcpy(slot.bytes, bytes.data(), bytes.size());
    turns_[at % kSlots].store(at + 1, std::memory_order_release);
    return true;
}

bool DatagramRing::take(PacketPtr& packet, Address& from) {
    if (!has_more()) return false;
    const Slot& slot = slots_[taken_ % kSlots];
    std::memcpy(packet.data(), slot.bytes, slot.size);
    packet.set_size(slot.size);
    packet.set_arrival(slot.arrival);
    from = slot.from;
    turns_[taken_ % kSlots].store(taken_ + kSlots, std::memory_order_release);
    ++taken_;
    return true;
}

}  // namespace jmeet::bridge
