// RTP packets from the network: the view, and writing again what was read.
#include <array>
#include <cstdlib>

#include "bridge/rtp/codecs/frame_info.hpp"
#include "bridge/rtp/codecs/h264.hpp"
#include "bridge/rtp/packet.hpp"
#include "bridge/rtp/packet_writer.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// A packet with all of its extensions, written anew, reads as the same.
void write_again(const RtpPacket& packet) {
    ExtensionList extensions;
    for (std::size_t i = 0; i < packet.extension_count(); ++i) {
        extensions.keep(packet, packet.extension(i).id);
    }
    std::array<std::uint8_t, 70'000> out;
    const std::size_t size =
        write_rtp(header_of(packet), extensions, {}, packet.payload(), out);
    require(size > 0);
    const auto again = RtpPacket::parse(Bytes(out).first(size));
    require(again.has_value());
    require(again->seq() == packet.seq() && again->ssrc() == packet.ssrc());
    require(again->payload().size() == packet.payload().size());
    require(again->extension_count() == extensions.size());
}

void over_rtx(const RtpPacket& packet) {
    std::array<std::uint8_t, 70'000> out;
    const std::size_t size = write_rtx(packet, {96, Ssrc(1), 2}, {}, out);
    require(size > 0);
    const auto rtx = RtpPacket::parse(Bytes(out).first(size));
    require(rtx.has_value());
    const std::size_t back = unwrap_rtx(Bytes(out).first(size), *rtx, packet.ssrc(), packet.pt());
    require(back == size - 2);
    require(RtpPacket::parse(Bytes(out).first(back))->seq() == packet.seq());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto packet = RtpPacket::parse({data, size});
    if (!packet) return 0;
    require(packet->header_size() + packet->payload().size() + packet->padding_size() == size);
    write_again(*packet);
    over_rtx(*packet);
    find_audio_level(*packet, 1);
    find_transport_seq(*packet, 5);
    DdParser dd;
    for (Codec codec : {Codec::vp8, Codec::vp9, Codec::av1, Codec::h264}) {
        const auto frame = parse_frame_info(codec, *packet, 11, dd, 9);
        if (frame && frame->dd()) require(frame->spatial < kMaxDdSpatialLayers);
    }
    return 0;
}
