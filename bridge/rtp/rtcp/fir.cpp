#include "bridge/rtp/rtcp/fir.hpp"

namespace jmeet::bridge::rtcp {

std::optional<Fir> Fir::parse(const Packet& packet) {
    if (packet.type != kPayloadFeedback || packet.count != kFmtFir) return {};
    ByteReader in(packet.body);
    Fir fir;
    fir.sender = Ssrc(in.u32());
    fir.media = Ssrc(in.u32());
    while (in.remaining() >= 8 && fir.entries.size() < kMaxFirEntries) {
        FirEntry entry;
        entry.target = Ssrc(in.u32());
        entry.command_seq = in.u8();
        in.skip(3);
        fir.entries.push_back(entry);
    }
    if (!in.ok() || fir.entries.empty()) return {};
    return fir;
}

std::size_t Fir::write(Bytes out) const {
    ByteWriter writer(out);
    write_header(writer, kFmtFir, kPayloadFeedback, 3 + 2 * entries.size());
    writer.u32(sender.value());
    writer.u32(media.value());
    for (const FirEntry& entry : entries) {
        writer.u32(entry.target.value());
        writer.u8(entry.command_seq);
        writer.zeros(3);
    }
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge::rtcp
