#include "bridge/receive/rr_generator.hpp"

#include "bridge/rtp/rtcp/receiver_report.hpp"

namespace jmeet::bridge {

namespace {

constexpr std::size_t kReportHeader = 8;

}  // namespace

std::size_t RrGenerator::write(Ssrc sender, std::span<StreamStatistics* const> streams,
                               TimePoint now, Bytes out) {
    last_ = now;
    if (first_ >= streams.size()) first_ = 0;
    std::size_t size = 0;
    std::size_t seen = 0;
    while (seen < streams.size()) {
        rtcp::ReceiverReport report;
        report.sender = sender;
        const Bytes room = out.subspan(size);
        for (; seen < streams.size() && report.blocks.size() < rtcp::kMaxReportBlocks; ++seen) {
            const std::size_t after =
                kReportHeader + (report.blocks.size() + 1) * rtcp::kReportBlockSize;
            if (room.size() < after) break;
            StreamStatistics& stream = *streams[(first_ + seen) % streams.size()];
            if (const auto block = stream.take_report_block(now)) report.blocks.push_back(*block);
        }
        if (report.blocks.empty()) break;
        size += report.write(room);
    }
    if (!streams.empty()) first_ = (first_ + seen) % streams.size();
    return size;
}

}  // namespace jmeet::bridge
