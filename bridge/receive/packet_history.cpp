#include "bridge/receive/packet_history.hpp"

#include "bridge/rtp/packet.hpp"
#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

namespace {

std::uint16_t seq_of(const PacketPtr& packet) { return load_be16(packet.data() + 2); }

}  // namespace

PacketHistory::PacketHistory() : slots_(kMaxPackets) {}

void PacketHistory::insert(PacketPtr packet) {
    if (!packet || packet.size() < kRtpFixedHeader) return;
    const std::uint16_t seq = seq_of(packet);
    PacketPtr& place = slot(seq);
    if (place) {
        if (seq_newer(seq_of(place), seq)) return;  // too late: its place is taken
        --size_;
    }
    if (empty_ || seq_newer(seq, newest_seq_)) newest_seq_ = seq;
    empty_ = false;
    place = std::move(packet);
    ++size_;
}

const PacketPtr* PacketHistory::find(std::uint16_t seq, TimePoint now) const {
    const PacketPtr& place = slot(seq);
    if (!place || seq_of(place) != seq || now - place.arrival() > kMaxAge) return nullptr;
    return &place;
}

void PacketHistory::expire(TimePoint now) {
    if (size_ == 0) return;
    for (PacketPtr& place : slots_) {
        if (place && now - place.arrival() > kMaxAge) {
            place.reset();
            --size_;
        }
    }
}

void PacketHistory::clear() {
    for (PacketPtr& place : slots_) place.reset();
    size_ = 0;
    empty_ = true;
}

}  // namespace jmeet::bridge
