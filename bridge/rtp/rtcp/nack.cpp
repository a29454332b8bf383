#include "bridge/rtp/rtcp/nack.hpp"

#include <algorithm>

namespace jmeet::bridge::rtcp {

namespace {

constexpr std::size_t kFixed = 12;  // common header and both SSRCs
constexpr std::size_t kItem = 4;
constexpr std::uint16_t kMaskBits = 16;

}  // namespace

std::optional<Nack> Nack::parse(const Packet& packet) {
    if (packet.type != kTransportFeedback || packet.count != kFmtNack) return {};
    if (packet.body.size() < 8 + kItem) return {};
    Nack nack;
    nack.sender = Ssrc(load_be32(&packet.body[0]));
    nack.media = Ssrc(load_be32(&packet.body[4]));
    const BytesView items = packet.body.subspan(8);
    nack.items = items.first(items.size() / kItem * kItem);
    return nack;
}

std::size_t write_nack(Ssrc sender, Ssrc media, std::span<const std::uint16_t> lost, Bytes out) {
    const std::size_t room = std::min(out.size(), kMaxCompound);
    if (lost.empty() || room < kFixed + kItem) return 0;
    ByteWriter items(out.subspan(kFixed, (room - kFixed) / kItem * kItem));
    for (std::size_t i = 0; i < lost.size();) {
        const std::uint16_t first = lost[i++];
        std::uint16_t mask = 0;
        for (; i < lost.size(); ++i) {
            const std::uint16_t ahead = static_cast<std::uint16_t>(lost[i] - first);
            if (ahead == 0 || ahead > kMaskBits) break;
            mask = static_cast<std::uint16_t>(mask | (1u << (ahead - 1)));
        }
        items.u16(first);
        items.u16(mask);
    }
    const std::size_t size = kFixed + items.size();
    ByteWriter head(out);
    write_header(head, kFmtNack, kTransportFeedback, size / 4);
    head.u32(sender.value());
    head.u32(media.value());
    return size;
}

}  // namespace jmeet::bridge::rtcp
