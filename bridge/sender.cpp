#include "bridge/sender.hpp"

#include <algorithm>

#include "bridge/limits.hpp"

namespace jmeet::bridge {

Stamps Sender::stamps(MediaType type, std::size_t size, std::string_view mid, TimePoint now) {
    Stamps stamps;
    stamps.mid = mid;
    // Audio is never numbered, as with JVB: clients do not expect it.
    if (formats_->transport_cc && type == MediaType::video &&
        formats_->extensions[Extension::transport_cc] != 0) {
        stamps.transport_seq = sent_packets_.next(static_cast<std::uint32_t>(size), now);
    } else if (!formats_->transport_cc && formats_->extensions[Extension::abs_send_time] != 0) {
        stamps.abs_send_time = abs_send_time(now);
    }
    return stamps;
}

bool Sender::finish(Bytes slot, std::size_t size, Ssrc ssrc) {
    if (size == 0) {
        services_.drops.add(DropReason::rtp_malformed);
        return false;
    }
    if (!transport_.send_rtp(slot, size)) return false;
    // A receiver of a long meeting sees many SSRCs come and go. When a report's counts begin anew,
    // nobody minds: receivers reckon losses by sequence numbers (RFC 3550 appendix A.3).
    if (counts_.size() >= limits::kStreamsPerDirection && !counts_.find(ssrc)) counts_.clear();
    Count& count = counts_[ssrc];
    ++count.packets;
    count.octets += static_cast<std::uint32_t>(size);
    return true;
}

bool Sender::send_audio(const RtpPacket& packet, const ExtensionIds& from, const Rewrite& rewrite,
                        std::string_view mid, TimePoint now) {
    const Bytes slot = services_.port.slot();
    const std::size_t size =
        write_forwarded(packet, rewrite, {from, formats_->extensions},
                        stamps(MediaType::audio, packet.bytes().size(), mid, now), slot);
    return finish(slot, size, rewrite.ssrc);
}

bool Sender::send_video(const RtpPacket& packet, const ExtensionIds& from, const Rewrite& rewrite,
                        std::string_view mid, TimePoint now) {
    const Bytes slot = services_.port.slot();
    const std::size_t size =
        write_forwarded(packet, rewrite, {from, formats_->extensions},
                        stamps(MediaType::video, packet.bytes().size(), mid, now), slot);
    if (!finish(slot, size, rewrite.ssrc)) return false;
    if (!first_video_) first_video_ = now;
    last_video_ = now;
    return true;
}

bool Sender::resend(const RtpPacket& packet, const ExtensionIds& from, const Rewrite& rewrite,
                    const RtxTarget& rtx, std::string_view mid, TimePoint now) {
    const Bytes slot = services_.port.slot();
    const std::size_t size =
        write_retransmission(packet, rewrite, rtx, {from, formats_->extensions},
                             stamps(MediaType::video, packet.bytes().size(), mid, now), slot);
    if (!finish(slot, size, rtx.ssrc)) return false;
    ++services_.counters.retransmissions_sent;
    return true;
}

std::size_t Sender::send_padding(Ssrc ssrc, std::size_t bytes, TimePoint now) {
    const std::uint8_t id = formats_->extensions[Extension::transport_cc];
    const auto video = std::find_if(
        formats_->by_pt.begin(), formats_->by_pt.end(), [](const auto& f) {
            return f && f->media == MediaType::video && f->format.codec != Codec::rtx;
        });
    if (!formats_->transport_cc || id == 0 || video == formats_->by_pt.end()) return 0;
    constexpr std::uint8_t kPadding = 255;
    std::size_t sent = 0;
    // LIMIT: packets of one order; a train of 20 Mbps for 25 ms is 62,500 bytes.
    for (int i = 0; i < 256 && sent < bytes; ++i) {
        RtpHeader header;
        header.pt = (*video)->format.pt;
        header.seq = ++padding_seq_;
        header.ssrc = ssrc;
        ExtensionList extensions;
        extensions.set_u16(id, sent_packets_.next(kRtpFixedHeader + 8 + kPadding, now));
        const Bytes slot = services_.port.slot();
        const std::size_t size = write_padding(header, extensions, kPadding, slot);
        if (!finish(slot, size, ssrc)) break;
        sent += size;
    }
    return sent;
}

bool Sender::send_report(rtcp::SenderReport report, TimePoint now) {
    const Count* const count = counts_.find(report.sender);
    if (!count || !ready()) return false;
    report.packet_count = count->packets;
    report.octet_count = count->octets;
    report.blocks.clear();
    std::array<std::uint8_t, 64> block;
    const std::size_t size = report.write(block);
    if (size == 0 || !transport_.send_rtcp(BytesView(block).first(size))) return false;
    rtt_.on_report_sent(report.sender, report.compact_ntp(), now);
    return true;
}

}  // namespace jmeet::bridge
