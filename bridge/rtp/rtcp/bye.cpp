#include "bridge/rtp/rtcp/bye.hpp"

namespace jmeet::bridge::rtcp {

std::optional<Bye> Bye::parse(const Packet& packet) {
    if (packet.type != kBye) return {};
    ByteReader in(packet.body);
    Bye bye;
    for (unsigned i = 0; i < packet.count; ++i) bye.sources.push_back(Ssrc(in.u32()));
    if (!in.ok()) return {};
    return bye;
}

std::size_t Bye::write(Bytes out) const {
    ByteWriter writer(out);
    write_header(writer, static_cast<std::uint8_t>(sources.size()), kBye, 1 + sources.size());
    for (const Ssrc& ssrc : sources) writer.u32(ssrc.value());
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge::rtcp
