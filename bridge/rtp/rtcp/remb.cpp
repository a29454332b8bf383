#include "bridge/rtp/rtcp/remb.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace jmeet::bridge::rtcp {

namespace {

constexpr std::uint32_t kIdentifier = 0x52454D42;  // "REMB"
constexpr int kMantissaBits = 18;

// LIMIT: 63 bits: rates are signed everywhere else, and more must not turn into less than nothing.
std::uint64_t shift_up(std::uint64_t mantissa, unsigned exponent) {
    const unsigned room = static_cast<unsigned>(std::countl_zero(mantissa));
    if (mantissa && exponent >= room) return std::numeric_limits<std::int64_t>::max();
    return mantissa ? mantissa << exponent : 0;
}

}  // namespace

std::optional<Remb> Remb::parse(const Packet& packet) {
    if (packet.type != kPayloadFeedback || packet.count != kFmtAfb) return {};
    ByteReader in(packet.body);
    Remb remb;
    remb.sender = Ssrc(in.u32());
    in.skip(4);  // media source, always 0
    if (in.u32() != kIdentifier) return {};
    const std::uint8_t count = in.u8();
    const std::uint32_t rate = in.u24();
    remb.bitrate_bps = shift_up(rate & 0x3ffff, rate >> kMantissaBits);
    if (in.remaining() < std::size_t{count} * 4 || !in.ok()) return {};
    const std::size_t kept = std::min<std::size_t>(count, kMaxRembSsrcs);
    for (std::size_t i = 0; i < kept; ++i) remb.ssrcs.push_back(Ssrc(in.u32()));
    return remb;
}

std::size_t Remb::write(Bytes out) const {
    const int exponent = std::max(0, static_cast<int>(std::bit_width(bitrate_bps)) - kMantissaBits);
    const auto mantissa = static_cast<std::uint32_t>(bitrate_bps >> exponent);
    ByteWriter writer(out);
    write_header(writer, kFmtAfb, kPayloadFeedback, 5 + ssrcs.size());
    writer.u32(sender.value());
    writer.u32(0);
    writer.u32(kIdentifier);
    writer.u8(static_cast<std::uint8_t>(ssrcs.size()));
    writer.u24((static_cast<std::uint32_t>(exponent) << kMantissaBits) | mantissa);
    for (const Ssrc& ssrc : ssrcs) writer.u32(ssrc.value());
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge::rtcp
