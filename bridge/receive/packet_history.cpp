#include "bridge/receive/packet_history.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bridge/rtp/packet.hpp"
#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

// Neither too old nor overwritten by what came later.
bool PacketHistory::is_kept(const Place& place, TimePoint now) const {
    return place.size != 0 && now - place.arrival <= kMaxAge &&
           written_ - place.position <= bytes_.size();
}

void PacketHistory::make_place(std::uint16_t seq, TimePoint now) {
    if (places_.empty()) places_.resize(kFirstPlaces);
    while (places_.size() < kMaxPackets) {
        const Place& taken = place(seq);
        if (taken.seq == seq || !is_kept(taken, now)) return;
        const auto old = std::exchange(places_, std::vector<Place>(2 * places_.size()));
        for (const Place& known : old) {
            if (known.size != 0) place(known.seq) = known;
        }
    }
}

// The ring was filled once more. If that took less than what is to be kept, it is too small: the
// lap then goes on behind it, in what is added. Positions count anew from the last lap.
void PacketHistory::end_lap(TimePoint now) {
    const std::size_t old = bytes_.size();
    if (now - lap_start_ >= kMaxAge || old >= kMaxBytes) {
        lap_start_ = now;
        return;
    }
    const std::uint64_t lap = written_ - old;
    for (Place& known : places_) {
        if (known.position < lap) known.size = 0;
        known.position -= std::min(known.position, lap);
    }
    written_ = old;
    const std::size_t larger = std::min(old + old / 2, kMaxBytes);
    bytes_.reserve(larger);  // alone, resize() would take twice the size
    bytes_.resize(larger);
}

// Makes written_ the beginning of `size` bytes in a row.
void PacketHistory::make_bytes(std::size_t size, TimePoint now) {
    if (bytes_.empty()) {
        bytes_.resize(kFirstBytes);
        lap_start_ = now;
        return;
    }
    const std::size_t offset = written_ % bytes_.size();
    if (offset != 0 && offset + size <= bytes_.size()) return;
    if (offset != 0) written_ += bytes_.size() - offset;
    end_lap(now);
}

void PacketHistory::insert(const PacketPtr& packet) {
    if (!packet || packet.size() < kRtpFixedHeader) return;
    const std::uint16_t seq = load_be16(packet.data() + 2);
    const TimePoint now = packet.arrival();
    if (places_.empty() || seq_newer(seq, newest_seq_)) newest_seq_ = seq;
    newest_arrival_ = std::max(newest_arrival_, now);
    make_place(seq, now);
    const Place& taken = place(seq);
    if (is_kept(taken, now) && seq_newer(taken.seq, seq)) return;  // too late
    make_bytes(packet.size(), now);
    std::memcpy(&bytes_[written_ % bytes_.size()], packet.data(), packet.size());
    place(seq) = {written_, now, static_cast<std::uint16_t>(packet.size()), seq};
    written_ += packet.size();
}

std::optional<BytesView> PacketHistory::find(std::uint16_t seq, TimePoint now) const {
    if (places_.empty()) return std::nullopt;
    const Place& known = place(seq);
    if (known.seq != seq || !is_kept(known, now)) return std::nullopt;
    return BytesView(bytes_).subspan(known.position % bytes_.size(), known.size);
}

void PacketHistory::expire(TimePoint now) {
    if (!places_.empty() && now - newest_arrival_ > kMaxAge) clear();
}

void PacketHistory::clear() { *this = {}; }

}  // namespace jmeet::bridge
