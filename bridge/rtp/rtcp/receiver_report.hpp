// Receiver report: RFC 3550 section 6.4.2.
#pragma once

#include <optional>

#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/report_block.hpp"

namespace jmeet::bridge::rtcp {

struct ReceiverReport {
    Ssrc sender;
    ReportBlocks blocks;

    static std::optional<ReceiverReport> parse(const Packet& packet);
    // Bytes written; 0 when it does not fit.
    std::size_t write(Bytes out) const;
};

}  // namespace jmeet::bridge::rtcp
