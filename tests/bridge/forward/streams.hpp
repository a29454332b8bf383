// Senders for the projection tests: they make real RTP packets, which are parsed and judged the
// way a received stream is.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bridge/forward/projection.hpp"
#include "bridge/rtp/codecs/frame_info.hpp"
#include "bridge/rtp/packet_writer.hpp"

namespace jmeet::bridge::test {

struct TestPacket {
    std::vector<std::uint8_t> bytes;
    FrameInfo frame;
    int encoding = 0;
    TimePoint arrival;
    const DdStructure* structure = nullptr;

    RtpPacket rtp() const { return *RtpPacket::parse(bytes); }
    std::uint16_t seq() const { return load_be16(&bytes[2]); }
};

inline TestPacket make_packet(const RtpHeader& header, BytesView payload, const ExtensionList& list,
                              Codec codec, std::uint8_t dd_id, DdParser& dd, int encoding,
                              TimePoint at) {
    TestPacket p;
    p.bytes.resize(1'500);
    p.bytes.resize(write_rtp(header, list, payload, {}, p.bytes));
    p.encoding = encoding;
    p.arrival = at;
    const auto frame = parse_frame_info(codec, *RtpPacket::parse(p.bytes), dd_id, dd);
    if (frame) p.frame = *frame;
    if (p.frame.dd()) p.structure = &dd.structure();
    return p;
}

// VP8 with temporal layers 0,2,1,2, a key frame on request, 33 ms and 3,000 ticks per frame.
class Vp8Sender {
 public:
    Vp8Sender(std::uint32_t ssrc, int encoding, int packets_per_frame, std::uint16_t seq = 100,
              std::uint16_t picture_id = 0, std::uint32_t ts = 50'000)
        : ssrc_(ssrc), encoding_(encoding), packets_(packets_per_frame), seq_(seq),
          picture_id_(picture_id), ts_(ts) {}

    // All packets of the next frame.
    std::vector<TestPacket> frame(bool keyframe, TimePoint at) {
        static constexpr std::array<int, 4> kPattern{0, 2, 1, 2};
        if (keyframe) position_ = 0;
        const int tid = kPattern[static_cast<std::size_t>(position_++ % 4)];
        if (tid == 0) ++tl0_;
        std::vector<TestPacket> out;
        for (int i = 0; i < packets_; ++i) {
            // X S PID=0; I L T; 15-bit picture id; TL0PICIDX; TID.
            std::vector<std::uint8_t> payload{
                static_cast<std::uint8_t>(0x80 | (i == 0 ? 0x10 : 0)), 0xe0,
                static_cast<std::uint8_t>(0x80 | (picture_id_ >> 8)),
                static_cast<std::uint8_t>(picture_id_), tl0_,
                static_cast<std::uint8_t>(tid << 6)};
            if (i == 0) {
                payload.push_back(keyframe ? 0x00 : 0x01);
                payload.insert(payload.end(), {0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00});
            } else {
                payload.insert(payload.end(), 20, static_cast<std::uint8_t>(i));
            }
            RtpHeader header{i == packets_ - 1, 100, seq_++, ts_, Ssrc(ssrc_), {}};
            out.push_back(make_packet(header, payload, {}, Codec::vp8, 0, dd_, encoding_, at));
        }
        ts_ += 3'000;
        picture_id_ = (picture_id_ + 1) & 0x7fff;
        return out;
    }

    void skip_packets(int n) { seq_ = static_cast<std::uint16_t>(seq_ + n); }
    std::uint16_t next_seq() const { return seq_; }

 private:
    std::uint32_t ssrc_;
    int encoding_;
    int packets_;
    std::uint16_t seq_;
    std::uint16_t picture_id_;
    std::uint32_t ts_;
    std::uint8_t tl0_ = 0;
    int position_ = 0;
    DdParser dd_;
};

struct Projected {
    ProjectionVerdict verdict = ProjectionVerdict::suspended;
    Rewrite out;
    bool forwarded() const { return verdict == ProjectionVerdict::forward; }
};

inline Projected project(VideoProjection& projection, const TestPacket& p) {
    Projected out;
    const RtpPacket rtp = p.rtp();
    out.verdict = projection.on_packet({rtp, p.frame, p.encoding, p.structure, p.arrival}, out.out);
    return out;
}

}  // namespace jmeet::bridge::test
