#include "bridge/rtp/rtcp/pli.hpp"

namespace jmeet::bridge::rtcp {

std::optional<Pli> Pli::parse(const Packet& packet) {
    if (packet.type != kPayloadFeedback || packet.count != kFmtPli) return {};
    ByteReader in(packet.body);
    Pli pli;
    pli.sender = Ssrc(in.u32());
    pli.media = Ssrc(in.u32());
    if (!in.ok()) return {};
    return pli;
}

std::size_t Pli::write(Bytes out) const {
    ByteWriter writer(out);
    write_header(writer, kFmtPli, kPayloadFeedback, 3);
    writer.u32(sender.value());
    writer.u32(media.value());
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge::rtcp
