#include <algorithm>
#include <limits>

#include "bridge/rtp/rtcp/transport_cc.hpp"

namespace jmeet::bridge::rtcp {

namespace {

constexpr std::int64_t kTicksPerReference = 256;  // 64 ms of 250 us
constexpr std::uint32_t kMaxRun = 0x1fff;
constexpr std::uint32_t kOneBitSymbols = 14;
constexpr std::uint32_t kTwoBitSymbols = 7;
constexpr std::uint32_t kMaxStatuses = 0xffff;

std::int64_t to_tick(TimePoint at) {
    return std::chrono::floor<TccTicks>(at.time_since_epoch()).count();
}

std::uint16_t run_chunk(std::uint8_t symbol, std::uint32_t count) {
    return static_cast<std::uint16_t>((symbol << 13) | count);
}

std::uint16_t vector_chunk(const std::uint8_t* symbols, std::uint32_t count, unsigned bits) {
    unsigned chunk = bits == 1 ? 0x8000u : 0xC000u;
    for (std::uint32_t i = 0; i < count; ++i) chunk |= symbols[i] << (14 - bits * (i + 1));
    return static_cast<std::uint16_t>(chunk);
}

}  // namespace

TransportCcBuilder::TransportCcBuilder(std::uint16_t base_seq, TimePoint first_arrival)
    : base_seq_(base_seq),
      reference_(to_tick(first_arrival) / kTicksPerReference),
      last_tick_(reference_ * kTicksPerReference) {}

bool TransportCcBuilder::fits(const Pending& pending, std::uint8_t symbol) {
    if (pending.count == 0) return true;
    if (pending.same && symbol == pending.symbols[0]) return pending.count < kMaxRun;
    const bool large = pending.large || symbol == kLarge;
    return pending.count < (large ? kTwoBitSymbols : kOneBitSymbols);
}

// Ends one chunk because the next symbol does not fit behind it.
std::uint16_t TransportCcBuilder::take_chunk(Pending& pending) {
    if (pending.same) {
        const std::uint16_t chunk = run_chunk(pending.symbols[0], pending.count);
        pending = {};
        return chunk;
    }
    const bool one_bit = !pending.large && pending.count == kOneBitSymbols;
    const std::uint32_t taken = one_bit ? kOneBitSymbols : kTwoBitSymbols;
    const std::uint16_t chunk = vector_chunk(pending.symbols.data(), taken, one_bit ? 1 : 2);
    Pending rest;
    for (std::uint32_t i = taken; i < pending.count; ++i) {
        const std::uint8_t symbol = pending.symbols[i];
        rest.same = rest.same && (rest.count == 0 || symbol == rest.symbols[0]);
        rest.symbols[rest.count++] = symbol;
    }
    pending = rest;
    return chunk;
}

void TransportCcBuilder::push(std::uint8_t symbol) {
    while (!fits(pending_, symbol)) chunks_[chunk_count_++] = take_chunk(pending_);
    pending_.same = pending_.same && (pending_.count == 0 || symbol == pending_.symbols[0]);
    pending_.large = pending_.large || symbol == kLarge;
    if (pending_.count < pending_.symbols.size()) pending_.symbols[pending_.count] = symbol;
    ++pending_.count;
}

// Cautious: what is pending may end up as two chunks, and a run of losses as one per 8191.
bool TransportCcBuilder::has_room(std::uint32_t missing, std::size_t delta_size) const {
    const std::size_t chunks = chunk_count_ + 4 + missing / kMaxRun;
    if (chunks > kMaxChunks) return false;
    constexpr std::size_t kPadding = 3;
    return kFixed + chunks * 2 + deltas_size_ + delta_size + kPadding <= kMaxCompound;
}

bool TransportCcBuilder::add_received(std::uint16_t seq, TimePoint arrival) {
    const std::uint16_t next = static_cast<std::uint16_t>(base_seq_ + status_count_);
    const std::uint32_t missing = static_cast<std::uint16_t>(seq - next);
    if (status_count_ + missing + 1 > kMaxStatuses) return false;
    const std::int64_t tick = to_tick(arrival);
    const std::int64_t delta = tick - last_tick_;
    if (delta < std::numeric_limits<std::int16_t>::min() ||
        delta > std::numeric_limits<std::int16_t>::max()) {
        return false;
    }
    const bool small = delta >= 0 && delta <= 0xff;
    if (!has_room(missing, small ? 1 : 2)) return false;

    for (std::uint32_t i = 0; i < missing; ++i) push(kLost);
    push(small ? kSmall : kLarge);
    if (small) {
        deltas_[deltas_size_++] = static_cast<std::uint8_t>(delta);
    } else {
        store_be16(&deltas_[deltas_size_], static_cast<std::uint16_t>(delta));
        deltas_size_ += 2;
    }
    last_tick_ = tick;
    status_count_ += missing + 1;
    return true;
}

std::size_t TransportCcBuilder::write(Ssrc sender, Ssrc media, std::uint8_t feedback_count,
                                      Bytes out) const {
    if (status_count_ == 0) return 0;
    const std::size_t used = kFixed + (chunk_count_ + 1) * 2 + deltas_size_;
    const std::size_t padding = (4 - used % 4) % 4;
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(0x80 | (padding ? 0x20 : 0) | kFmtTransportCc));
    writer.u8(kTransportFeedback);
    writer.u16(static_cast<std::uint16_t>((used + padding) / 4 - 1));
    writer.u32(sender.value());
    writer.u32(media.value());
    writer.u16(base_seq_);
    writer.u16(static_cast<std::uint16_t>(status_count_));
    writer.u24(static_cast<std::uint32_t>(reference_) & 0xffffff);
    writer.u8(feedback_count);
    for (std::size_t i = 0; i < chunk_count_; ++i) writer.u16(chunks_[i]);
    // What is pending always fits one chunk here: fits() saw to it.
    const Pending& last = pending_;
    writer.u16(last.same    ? run_chunk(last.symbols[0], last.count)
               : last.large ? vector_chunk(last.symbols.data(), last.count, 2)
                            : vector_chunk(last.symbols.data(), last.count, 1));
    writer.bytes(BytesView(deltas_).first(deltas_size_));
    if (padding) {
        writer.zeros(padding - 1);
        writer.u8(static_cast<std::uint8_t>(padding));
    }
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge::rtcp
