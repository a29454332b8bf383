#include "bridge/rtp/rtcp/sdes.hpp"

namespace jmeet::bridge::rtcp {

namespace {

constexpr std::uint8_t kEnd = 0;
constexpr std::uint8_t kCname = 1;

// Items end with a zero byte, then zeros up to the next 32-bit boundary.
bool read_items(ByteReader& in, std::size_t start, SdesChunk& chunk) {
    while (in.ok()) {
        const std::uint8_t type = in.u8();
        if (type == kEnd) break;
        const BytesView text = in.bytes(in.u8());
        if (type == kCname) {
            chunk.cname = {reinterpret_cast<const char*>(text.data()), text.size()};
        }
    }
    if (!in.ok()) return false;
    in.skip((4 - (in.position() - start) % 4) % 4);
    return in.ok();
}

std::size_t chunk_size(const SdesChunk& chunk) {
    return (4 + 2 + chunk.cname.size() + 1 + 3) / 4 * 4;
}

}  // namespace

std::optional<Sdes> Sdes::parse(const Packet& packet) {
    if (packet.type != kSourceDescription) return {};
    ByteReader in(packet.body);
    Sdes sdes;
    for (unsigned i = 0; i < packet.count; ++i) {
        SdesChunk chunk;
        const std::size_t start = in.position();
        chunk.ssrc = Ssrc(in.u32());
        if (!read_items(in, start, chunk)) return {};
        sdes.chunks.push_back(chunk);
    }
    return sdes;
}

std::size_t Sdes::write(Bytes out) const {
    std::size_t size = kCommonHeader;
    for (const SdesChunk& chunk : chunks) {
        if (chunk.cname.size() > 255) return 0;
        size += chunk_size(chunk);
    }
    ByteWriter writer(out);
    write_header(writer, static_cast<std::uint8_t>(chunks.size()), kSourceDescription, size / 4);
    for (const SdesChunk& chunk : chunks) {
        writer.u32(chunk.ssrc.value());
        writer.u8(kCname);
        writer.u8(static_cast<std::uint8_t>(chunk.cname.size()));
        writer.bytes({reinterpret_cast<const std::uint8_t*>(chunk.cname.data()),
                      chunk.cname.size()});
        writer.zeros(chunk_size(chunk) - 6 - chunk.cname.size());
    }
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge::rtcp
