#include "bridge/rtp/rtcp/sender_report.hpp"

namespace jmeet::bridge::rtcp {

std::optional<SenderReport> SenderReport::parse(const Packet& packet) {
    if (packet.type != kSenderReport) return {};
    ByteReader in(packet.body);
    SenderReport report;
    report.sender = Ssrc(in.u32());
    report.ntp = in.u64();
    report.rtp_timestamp = in.u32();
    report.packet_count = in.u32();
    report.octet_count = in.u32();
    for (unsigned i = 0; i < packet.count; ++i) report.blocks.push_back(read_report_block(in));
    if (!in.ok()) return {};
    return report;
}

std::size_t SenderReport::write(Bytes out) const {
    ByteWriter writer(out);
    write_header(writer, static_cast<std::uint8_t>(blocks.size()), kSenderReport,
                 7 + blocks.size() * kReportBlockSize / 4);
    writer.u32(sender.value());
    writer.u64(ntp);
    writer.u32(rtp_timestamp);
    writer.u32(packet_count);
    writer.u32(octet_count);
    for (const ReportBlock& block : blocks) write_report_block(block, writer);
    return writer.ok() ? writer.size() : 0;
}

}  // namespace jmeet::bridge::rtcp
