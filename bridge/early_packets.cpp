#include "bridge/early_packets.hpp"

#include <algorithm>
#include <utility>

namespace jmeet::bridge {

void EarlyPackets::keep(BytesView packet, const Address& from, DatagramKind kind, TimePoint now) {
    drop_old(now);
    if (packets_.size() == kMax) {
        drops_.add(DropReason::srtp_not_ready);
        return;
    }
    packets_.push_back({{packet.begin(), packet.end()}, from, kind, now});
}

std::vector<EarlyPacket> EarlyPackets::take(TimePoint now) {
    drop_old(now);
    return std::exchange(packets_, {});
}

void EarlyPackets::clear() {
    drops_.add(DropReason::srtp_not_ready, packets_.size());
    std::exchange(packets_, {});
}

void EarlyPackets::drop_old(TimePoint now) {
    const auto first = std::find_if(packets_.begin(), packets_.end(), [now](const auto& p) {
        return now - p.at <= kMaxAge;
    });
    drops_.add(DropReason::srtp_not_ready, static_cast<std::uint64_t>(first - packets_.begin()));
    packets_.erase(packets_.begin(), first);
}

}  // namespace jmeet::bridge
