// TestClient: the media that it sends.
#include <algorithm>
#include <array>
#include <cstring>

#include "bridge/forward/rewrite.hpp"
#include "bridge/rtp/packet_writer.hpp"
#include "tests/bridge/test_client.hpp"

namespace jmeet::bridge::test {

void TestClient::send_rtp(Bytes packet, std::size_t size) {
    const auto to = ice_.send_address();
    if (!srtp_ || !to) return;
    if (srtp_->protect_rtp(packet.data(), size, packet.size()) == SrtpStatus::ok) {
        send_to(*to, packet.first(size));
    }
}

void TestClient::send_packet(const RtpHeader& header, const ExtensionList& extensions,
                             BytesView payload) {
    std::array<std::uint8_t, 1500> block;
    send_rtp(block, write_rtp(header, extensions, payload, {}, block));
}

void TestClient::send_rtcp(BytesView packet) {
    const auto to = ice_.send_address();
    std::array<std::uint8_t, 1500> block;
    if (!srtp_ || !to || packet.size() + SrtpTransport::kMaxRtcpTrailer > block.size()) return;
    std::copy(packet.begin(), packet.end(), block.begin());
    std::size_t size = packet.size();
    if (srtp_->protect_rtcp(block.data(), size, block.size()) == SrtpStatus::ok) {
        send_to(*to, BytesView(block).first(size));
    }
}

void TestClient::send_audio(std::uint8_t level, TimePoint) {
    RtpHeader header;
    header.pt = kOpus;
    header.seq = ++audio_.seq;
    header.timestamp = audio_.timestamp += 960;
    header.ssrc = audio_ssrc();
    ExtensionList extensions;
    const std::uint8_t byte = level | 0x80;
    extensions.set(kLevelId, BytesView(&byte, 1));
    std::array<std::uint8_t, 80> opus{0x78};
    stamp(opus);
    std::array<std::uint8_t, 400> block;
    send_rtp(block, write_rtp(header, extensions, opus, {}, block));
}

void TestClient::send_video(int encoding, Frame frame, std::size_t size, TimePoint now, Fate fate,
                            Part part, std::uint8_t temporal) {
    Track& track = video_[static_cast<std::size_t>(encoding)];
    const bool first = part == Part::whole || part == Part::first;
    if (first) {
        track.timestamp += 3000;
        track.picture = (track.picture + 1) & 0x7fff;
        if (temporal == 0) ++track.tl0;
    }
    RtpHeader header;
    header.pt = kVp8;
    header.marker = part == Part::whole || part == Part::last;
    header.seq = ++track.seq;
    header.timestamp = track.timestamp;
    header.ssrc = video_ssrc(encoding);
    // Descriptor: X, S; I, L, T; 15-bit picture id; TL0PICIDX; TID with Y (RFC 7741).
    std::vector<std::uint8_t> payload = {
        static_cast<std::uint8_t>(first ? 0x90 : 0x80), 0xe0,
        static_cast<std::uint8_t>(0x80 | (track.picture >> 8)),
        static_cast<std::uint8_t>(track.picture), track.tl0,
        static_cast<std::uint8_t>((temporal << 6) | 0x20)};
    const std::uint16_t height = static_cast<std::uint16_t>(180 << encoding);
    const std::uint16_t width = static_cast<std::uint16_t>(320 << encoding);
    if (first && frame == Frame::key) {
        payload.insert(payload.end(), {0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a,
                                       static_cast<std::uint8_t>(width & 0xff),
                                       static_cast<std::uint8_t>(width >> 8),
                                       static_cast<std::uint8_t>(height & 0xff),
                                       static_cast<std::uint8_t>(height >> 8)});
    } else if (first) {
        payload.insert(payload.end(), {0x11, 0x00, 0x00});
    }
    payload.resize(std::max(payload.size(), size), 0x55);
    stamp(payload);
    ExtensionList extensions;
    if (options_.transport_cc) extensions.set_u16(kTransportSeqId, ++transport_seq_);
    if (options_.remb) extensions.set_u24(kSendTimeId, abs_send_time(now));
    std::array<std::uint8_t, 1500> block;
    const std::size_t written = write_rtp(header, extensions, payload, {}, block);
    if (fate == Fate::sent) send_rtp(block, written);
}

std::int64_t TestClient::wall_ns() {
    return std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

void TestClient::stamp(Bytes payload) const {
    constexpr std::size_t kLeast = 40;
    if (!stamp_payloads || payload.size() < kLeast) return;
    const std::int64_t now = wall_ns();
    std::memcpy(payload.data() + payload.size() - sizeof now, &now, sizeof now);
}

std::int64_t TestClient::stamp_of(BytesView payload) {
    std::int64_t at = 0;
    if (payload.size() < sizeof at) return 0;
    std::memcpy(&at, payload.data() + payload.size() - sizeof at, sizeof at);
    return at;
}

}  // namespace jmeet::bridge::test
