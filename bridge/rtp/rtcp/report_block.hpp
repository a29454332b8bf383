// The report block of SR and RR: RFC 3550 section 6.4.1.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace jmeet::bridge::rtcp {

// LIMIT: the count field has five bits.
inline constexpr std::size_t kMaxReportBlocks = 31;
inline constexpr std::size_t kReportBlockSize = 24;

struct ReportBlock {
    Ssrc ssrc;
    std::uint8_t fraction_lost = 0;    // of 256
    std::int32_t cumulative_lost = 0;  // 24 bits, signed
    std::uint32_t extended_highest_seq = 0;
    std::uint32_t jitter = 0;  // in RTP clock units
    std::uint32_t last_sr = 0;
    std::uint32_t delay_since_last_sr = 0;  // in 1/65536 s
};

using ReportBlocks = boost::container::static_vector<ReportBlock, kMaxReportBlocks>;

ReportBlock read_report_block(ByteReader& in);
void write_report_block(const ReportBlock& block, ByteWriter& out);

}  // namespace jmeet::bridge::rtcp
