// Sender report: RFC 3550 section 6.4.1.
#pragma once

#include <optional>

#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/report_block.hpp"

namespace jmeet::bridge::rtcp {

struct SenderReport {
    Ssrc sender;
    std::uint64_t ntp = 0;
    std::uint32_t rtp_timestamp = 0;
    std::uint32_t packet_count = 0;
    std::uint32_t octet_count = 0;
    ReportBlocks blocks;

    // The middle 32 bits: what comes back as last_sr in report blocks.
    std::uint32_t compact_ntp() const { return static_cast<std::uint32_t>(ntp >> 16); }

    static std::optional<SenderReport> parse(const Packet& packet);
    // Bytes written; 0 when it does not fit.
    std::size_t write(Bytes out) const;
};

}  // namespace jmeet::bridge::rtcp
