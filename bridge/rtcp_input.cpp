#include "bridge/rtcp_input.hpp"

#include <algorithm>

#include "bridge/rtp/rtcp/fir.hpp"
#include "bridge/rtp/rtcp/nack.hpp"
#include "bridge/rtp/rtcp/pli.hpp"
#include "bridge/rtp/rtcp/receiver_report.hpp"
#include "bridge/rtp/rtcp/remb.hpp"
#include "bridge/rtp/rtcp/transport_cc.hpp"

namespace jmeet::bridge {

RtcpInput::RtcpInput(Sender& sender, BandwidthEstimator* estimator, LoopServices& services,
                     RtcpSink& sink)
    : sender_(sender), estimator_(estimator), services_(services), sink_(sink) {}

void RtcpInput::on_rtcp(BytesView compound, TimePoint now) {
    rtcp::CompoundReader reader(compound);
    while (const auto packet = reader.next()) on_packet(*packet, now);
    if (reader.malformed()) services_.drops.add(DropReason::rtcp_malformed);
}

void RtcpInput::on_packet(const rtcp::Packet& packet, TimePoint now) {
    switch (packet.type) {
        case rtcp::kSenderReport:
            if (const auto report = rtcp::SenderReport::parse(packet)) {
                on_blocks(report->blocks, now);
                sink_.on_sender_report(*report, now);
            }
            break;
        case rtcp::kReceiverReport:
            if (const auto report = rtcp::ReceiverReport::parse(packet)) {
                on_blocks(report->blocks, now);
            }
            break;
        case rtcp::kTransportFeedback: on_transport_feedback(packet, now); break;
        case rtcp::kPayloadFeedback: on_payload_feedback(packet, now); break;
        default: break;  // SDES, BYE, XR: end here
    }
}

void RtcpInput::on_blocks(const rtcp::ReportBlocks& blocks, TimePoint now) {
    std::uint32_t expected = 0;
    std::uint32_t lost = 0;
    for (const auto& block : blocks) {
        if (const auto rtt = sender_.rtt().on_report_block(block, now); rtt && estimator_) {
            estimator_->on_rtt(*rtt);
        }
        auto it = reported_.find(block.ssrc);
        if (it == reported_.end()) {
            // Streams come and go; those that are here begin anew with their next report.
            if (reported_.size() >= kMaxReported) reported_.clear();
            reported_[block.ssrc] = {block.extended_highest_seq, block.cumulative_lost};
            continue;
        }
        const std::uint32_t sent = block.extended_highest_seq - it->second.highest_seq;
        const std::int32_t missing = block.cumulative_lost - it->second.lost;
        it->second = {block.extended_highest_seq, block.cumulative_lost};
        // A jump is a stream that began anew.
        if (sent == 0 || sent > 65'535) continue;
        expected += sent;
        lost += static_cast<std::uint32_t>(std::clamp<std::int64_t>(missing, 0, sent));
    }
    services_.counters.rtp_lost_outgoing += lost;
    if (expected != 0) loss_ = static_cast<double>(lost) / expected;
    if (expected != 0 && estimator_) estimator_->on_loss_report(expected, lost, now);
}

void RtcpInput::on_transport_feedback(const rtcp::Packet& packet, TimePoint now) {
    if (packet.count == rtcp::kFmtTransportCc) return on_transport_cc(packet, now);
    if (packet.count != rtcp::kFmtNack) return;
    const auto nack = rtcp::Nack::parse(packet);
    if (!nack) return;
    ++services_.counters.nacks_received;
    nack->for_each([&](std::uint16_t seq) { sink_.on_lost(nack->media, seq, now); });
}

void RtcpInput::on_transport_cc(const rtcp::Packet& packet, TimePoint now) {
    if (!estimator_) return;
    const auto feedback = rtcp::TransportCc::parse(packet);
    if (!feedback) {
        services_.drops.add(DropReason::rtcp_malformed);
        return;
    }
    const std::int64_t unwrapped =
        reference_time_.unwrap(static_cast<std::uint32_t>(feedback->reference_time()) & 0xff'ffff);
    const auto base = milliseconds(unwrapped * 64);
    items_.clear();
    feedback->for_each([&](const rtcp::TccStatus& status) {
        if (items_.size() == SentPackets::kMaxResults) return;
        FeedbackItem item{status.seq, std::nullopt};
        if (status.received) {
            item.arrival = base + std::chrono::duration_cast<microseconds>(status.at -
                                                                           feedback->reference());
        }
        items_.push_back(item);
    });
    const auto results = sender_.sent_packets().on_feedback(items_);
    if (!results.empty()) estimator_->on_transport_feedback(results, now);
}

void RtcpInput::on_payload_feedback(const rtcp::Packet& packet, TimePoint now) {
    if (packet.count == rtcp::kFmtPli) {
        if (const auto pli = rtcp::Pli::parse(packet)) {
            ++services_.counters.keyframe_requests_received;
            sink_.on_keyframe_asked(pli->media, now);
        }
    } else if (packet.count == rtcp::kFmtFir) {
        const auto fir = rtcp::Fir::parse(packet);
        if (!fir) return;
        ++services_.counters.keyframe_requests_received;
        for (const auto& entry : fir->entries) sink_.on_keyframe_asked(entry.target, now);
    } else if (packet.count == rtcp::kFmtAfb && estimator_ && !sender_.formats().transport_cc) {
        if (const auto remb = rtcp::Remb::parse(packet)) {
            estimator_->on_remb(static_cast<std::int64_t>(remb->bitrate_bps), now);
        }
    }
}

}  // namespace jmeet::bridge
