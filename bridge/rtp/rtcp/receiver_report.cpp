#include "bridge/rtp/rtcp/receiver_report.hpp"

namespace jmeet::bridge::rtcp {

std::optional<ReceiverReport> ReceiverReport::parse(const Packet& packet) {
    if (packet.type != kReceiverReport) return {};
    ByteReader in(packet.body);
    ReceiverReport report;
    report.sender = Ssrc(in.u32());
    for (unsigned i = 0; i < packet.count; ++i) report.blocks.push_back(read_report_block(in));
    if (!in.ok()) return {};
    return report;
}

std::size_t ReceiverReport::write(Bytes out) const {
    ByteWriter writer(out);
    write_header(writer, static_cast<std::uint8_t>(blocks.size()), kReceiverReport,
                 2 + blocks.size() * kReportBlockSize / 4);
    writer.u32(sender.value());
    for (const ReportBlock& block : blocks) write_report_block(block, writer);
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge::rtcp
