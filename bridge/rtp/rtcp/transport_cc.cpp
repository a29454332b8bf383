#include "bridge/rtp/rtcp/transport_cc.hpp"

#include <algorithm>
#include <limits>

namespace jmeet::bridge::rtcp {

namespace {

constexpr unsigned kSymbolSmall = 1;
constexpr unsigned kSymbolLarge = 2;
constexpr std::size_t kFixedBody = 16;  // SSRCs, base, count, reference time, feedback count

struct ChunkSize {
    std::uint32_t statuses = 0;
    std::size_t delta_bytes = 0;
    bool valid = true;
};

std::size_t delta_bytes(unsigned symbol) { return symbol <= kSymbolLarge ? symbol : 0; }

// What the first `left` statuses of one chunk announce.
ChunkSize measure(std::uint16_t chunk, std::uint32_t left) {
    ChunkSize size;
    if (!(chunk & 0x8000)) {
        const unsigned symbol = (chunk >> 13) & 3;
        size.statuses = std::min<std::uint32_t>(chunk & 0x1fff, left);
        size.delta_bytes = size.statuses * delta_bytes(symbol);
        size.valid = symbol <= kSymbolLarge && size.statuses > 0;
        return size;
    }
    const bool two_bits = chunk & 0x4000;
    size.statuses = std::min<std::uint32_t>(two_bits ? 7 : 14, left);
    for (std::uint32_t i = 0; i < size.statuses; ++i) {
        const unsigned symbol =
            two_bits ? (chunk >> (12 - 2 * i)) & 3 : (chunk >> (13 - i)) & 1;
        size.delta_bytes += delta_bytes(symbol);
        if (symbol > kSymbolLarge) size.valid = false;
    }
    return size;
}

}  // namespace

std::optional<TransportCc> TransportCc::parse(const Packet& packet) {
    if (packet.type != kTransportFeedback || packet.count != kFmtTransportCc) return {};
    if (packet.body.size() < kFixedBody) return {};
    ByteReader in(packet.body);
    TransportCc feedback;
    feedback.sender_ = Ssrc(in.u32());
    feedback.media_ = Ssrc(in.u32());
    feedback.base_seq_ = in.u16();
    feedback.status_count_ = in.u16();
    feedback.reference_time_ = static_cast<std::int32_t>(in.u24() << 8) >> 8;
    feedback.feedback_count_ = in.u8();
    if (feedback.status_count_ == 0) return {};

    std::uint32_t left = feedback.status_count_;
    std::size_t deltas = 0;
    while (left > 0) {
        const ChunkSize size = measure(in.u16(), left);
        if (!in.ok() || !size.valid) return {};
        left -= size.statuses;
        deltas += size.delta_bytes;
    }
    if (in.remaining() < deltas) return {};
    feedback.chunks_ = packet.body.subspan(kFixedBody, in.position() - kFixedBody);
    feedback.deltas_ = packet.body.subspan(in.position(), deltas);
    return feedback;
}

TransportCc::Walker::Walker(const TransportCc& feedback)
    : chunks_(feedback.chunks_),
      deltas_(feedback.deltas_),
      time_(feedback.reference()),
      left_(feedback.status_count_),
      seq_(feedback.base_seq_) {}

unsigned TransportCc::Walker::next_symbol() {
    if (chunk_left_ == 0) {
        chunk_ = chunks_.u16();
        chunk_left_ = !(chunk_ & 0x8000) ? chunk_ & 0x1fff : (chunk_ & 0x4000) ? 7 : 14;
    }
    --chunk_left_;
    if (!(chunk_ & 0x8000)) return (chunk_ >> 13) & 3;
    if (chunk_ & 0x4000) return (chunk_ >> (2 * chunk_left_)) & 3;
    return (chunk_ >> chunk_left_) & 1;
}

bool TransportCc::Walker::next(TccStatus& status) {
    if (left_ == 0) return false;
    --left_;
    status.seq = seq_++;
    const unsigned symbol = next_symbol();
    status.received = symbol != 0;
    if (symbol == kSymbolSmall) time_ += TccTicks(deltas_.u8());
    if (symbol == kSymbolLarge) time_ += TccTicks(static_cast<std::int16_t>(deltas_.u16()));
    status.at = status.received ? time_ : TccTicks{};
    return true;
}

}  // namespace jmeet::bridge::rtcp
