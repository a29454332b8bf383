#include "bridge/rtp/rtcp/compound.hpp"

namespace jmeet::bridge::rtcp {

std::optional<Packet> CompoundReader::next() {
    if (rest_.empty() || malformed_) return {};
    malformed_ = true;  // unless all the checks below pass
    if (rest_.size() < kCommonHeader || (rest_[0] >> 6) != 2) return {};
    const std::size_t size = (std::size_t{load_be16(&rest_[2])} + 1) * 4;
    if (size > rest_.size()) return {};
    Packet packet;
    packet.count = rest_[0] & 0x1f;
    packet.type = rest_[1];
    packet.whole = rest_.first(size);
    packet.body = packet.whole.subspan(kCommonHeader);
    if (rest_[0] & 0x20) {
        if (packet.body.empty()) return {};
        const std::size_t padding = packet.body.back();
        if (padding == 0 || padding > packet.body.size()) return {};
        packet.body = packet.body.first(packet.body.size() - padding);
    }
    rest_ = rest_.subspan(size);
    malformed_ = false;
    return packet;
}

}  // namespace jmeet::bridge::rtcp
