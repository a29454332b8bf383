#include "bridge/rtp/rtcp/report_block.hpp"

#include <algorithm>

namespace jmeet::bridge::rtcp {

ReportBlock read_report_block(ByteReader& in) {
    ReportBlock block;
    block.ssrc = Ssrc(in.u32());
    block.fraction_lost = in.u8();
    const std::uint32_t lost = in.u24();
    block.cumulative_lost = static_cast<std::int32_t>(lost << 8) >> 8;
    block.extended_highest_seq = in.u32();
    block.jitter = in.u32();
    block.last_sr = in.u32();
    block.delay_since_last_sr = in.u32();
    return block;
}

void write_report_block(const ReportBlock& block, ByteWriter& out) {
    out.u32(block.ssrc.value());
    out.u8(block.fraction_lost);
    out.u24(static_cast<std::uint32_t>(std::clamp(block.cumulative_lost, -0x800000, 0x7fffff)) &
            0xffffff);
    out.u32(block.extended_highest_seq);
    out.u32(block.jitter);
    out.u32(block.last_sr);
    out.u32(block.delay_since_last_sr);
}

}  // namespace jmeet::bridge::rtcp
