#include "bridge/endpoint.hpp"

#include <algorithm>

#include "bridge/arrived_video.hpp"
#include "bridge/channel/messages.hpp"
#include "bridge/estimator_factory.hpp"

namespace jmeet::bridge {

Endpoint::Endpoint(const EndpointSetup& setup, LoopServices& services, Room& room, Ssrc own_video,
                   const log::Logger& log, TimePoint now)
    : id_(setup.id),
      token_(setup.token),
      visitor_(setup.visitor),
      created_(now),
      own_video_(own_video),
      services_(services),
      room_(room),
      transport_(setup, services, *this, log),
      channel_(transport_, services),
      ssrcs_(random_u64()),
      sender_(transport_, services),
      estimator_(make_estimator()),
      input_(setup, transport_, services, room, own_video, now),
      audio_(sender_, channel_, ssrcs_, setup, services.config.allocation),
      video_(sender_, channel_, ssrcs_, setup, services.config.allocation, now),
      rtcp_(sender_, estimator_.get(), services, *this),
      next_housekeeping_(now + kHousekeeping) {
    ssrcs_.take(own_video);
}

void Endpoint::set_formats(std::shared_ptr<const MediaFormats> formats) {
    bool rtx = false;
    for (const auto& f : formats->by_pt) rtx |= f && f->format.codec == Codec::rtx;
    video_.set_rtx_support(rtx ? RtxSupport::yes : RtxSupport::no);
    input_.set_formats(formats);
    if (estimator_ && formats->transport_cc) estimator_->on_negotiated();
    if (const auto bps = estimate()) video_.on_estimate(*bps);
    sender_.set_formats(std::move(formats));
}

void Endpoint::on_rtp(PacketPtr packet, const Address& from, TimePoint now) {
    if (transport_.unprotect_rtp(packet, from, now)) input_.on_rtp(std::move(packet), now);
}

void Endpoint::on_rtcp(PacketPtr packet, const Address& from, TimePoint now) {
    if (!transport_.unprotect_rtcp(packet, from, now)) return;
    rtcp_.on_rtcp(packet.view(), now);
    if (next_bandwidth_ == TimePoint::max()) next_bandwidth_ = now;
}

void Endpoint::on_web_socket_open(ChannelId channel) {
    channel_.on_web_socket_open(channel);
    room_.on_channel_open(*this, ChannelSession::Carrier::web_socket);
}

void Endpoint::on_transport_connected() {
    const TimePoint now = Clock::now();
    next_stats_ = now + kStatsInterval;
    channel_due_ = now + services_.config.channel_patience;
    // Not only from the first report on: who gets no video yet has nothing to report.
    next_bandwidth_ = now;
    // The channel may have been there before, and what it wants is decided already.
    video_.ask_keyframes(now);
    room_.on_allocation_due(*this);
    hear_early(now);
}

void Endpoint::hear_early(TimePoint now) {
    for (const EarlyPacket& early : transport_.take_early(now)) {
        PacketPtr packet = services_.pool.copy(early.bytes, early.at);
        if (!packet) {
            services_.drops.add(DropReason::pool_exhausted);
        } else if (early.kind == DatagramKind::rtp) {
            on_rtp(std::move(packet), early.from, early.at);
        } else {
            on_rtcp(std::move(packet), early.from, early.at);
        }
    }
    // This is no batch of the loop, and the sources may change after it.
    services_.arrived.forward();
}

void Endpoint::on_data_channel_open() {
    channel_.on_data_channel_open();
    room_.on_channel_open(*this, ChannelSession::Carrier::data_channel);
}

void Endpoint::on_data_channel_text(std::string_view text) {
    room_.on_channel_text(*this, ChannelSession::Carrier::data_channel, text);
}

void Endpoint::on_sender_report(const rtcp::SenderReport& report, TimePoint now) {
    input_.on_sender_report(report, now);
    room_.on_report(*this, report, now);
}

void Endpoint::on_keyframe_asked(Ssrc ours, TimePoint now) {
    room_.on_keyframe_asked(*this, ours, now);
}

void Endpoint::on_lost(Ssrc ours, std::uint16_t seq, TimePoint now) {
    if (!repair_budget_.allows(estimate(), rates_.target_bps, now)) return;
    repair_budget_.on_sent(video_.resend(ours, seq, now));
}

void Endpoint::tick(TimePoint now) {
    transport_.tick(now);
    input_.set_rtt(sender_.rtt().rtt());
    input_.tick(now);
    if (now >= next_bandwidth_) tick_bandwidth(now);
    if (estimator_ && next_bandwidth_ != TimePoint::max() && now >= estimator_->next_padding() &&
        transport_.ready()) {
        send_padding(now);
    }
    if (transport_.ready() && video_.allocation_due(now)) room_.on_allocation_due(*this);
    if (now >= next_housekeeping_) {
        next_housekeeping_ = now + kHousekeeping;
        video_.ask_keyframes(now);
        if (now >= channel_due_) look_for_channel();
        if (next_bandwidth_ == TimePoint::max() && starved()) next_bandwidth_ = now;
        room_.on_housekeeping(*this, now);
    }
    if (now >= next_stats_) {
        next_stats_ = now + kStatsInterval;
        if (const auto bps = estimate()) {
            channel_.send(channel::write_connection_stats(*bps));
        }
    }
}

bool Endpoint::starved() const {
    return video_.allocation().ideal_bitrate > video_.allocation().target_bitrate;
}

void Endpoint::look_for_channel() {
    channel_due_ = TimePoint::max();
    if (channel_.open()) return;
    ++services_.counters.endpoints_without_channel;
    transport_.log().named("Endpoint").severe("EndpointMessageTransport still not connected.");
}

void Endpoint::tick_bandwidth(TimePoint now) {
    // Stops when nothing has been sent for a while; the next report starts it again. Not when all
    // video had to stop for want of bandwidth: padding must find the way back.
    const bool busy = starved() || now - sender_.last_video() < seconds(5);
    next_bandwidth_ = busy ? now + kEstimatorTick : TimePoint::max();
    if (!estimator_) return;
    if (now >= next_rates_) {
        next_rates_ = now + kRatesInterval;
        rates_ = video_.rates(now);
    }
    estimator_->on_sent(sender_.sent_packets().take_bytes(), now);
    estimator_->on_allocation(rates_.target_bps, rates_.ideal_bps);
    estimator_->on_time(now);
    const auto bps = estimator_->estimate();
    if (bps && video_.on_estimate(*bps)) room_.on_allocation_due(*this);
}

void Endpoint::send_padding(TimePoint now) {
    const PaddingOrder order = estimator_->padding(now);
    if (order.bytes == 0) return;
    sender_.sent_packets().begin_padding(order.probe);
    std::size_t sent = video_.repeat(order.bytes, now);
    // Nothing to repeat: all video is suspended, which is when a probe is needed most.
    if (sent < order.bytes) sent += sender_.send_padding(own_video_, order.bytes - sent, now);
    sender_.sent_packets().end_padding();
    estimator_->on_padding_sent(order, sent);
}

TimePoint Endpoint::next_deadline() const {
    TimePoint next = std::min({transport_.next_deadline(), input_.next_deadline(), next_bandwidth_,
                               next_stats_, next_housekeeping_});
    if (transport_.ready()) next = std::min(next, video_.next_allocation());
    if (estimator_ && next_bandwidth_ != TimePoint::max()) {
        next = std::min(next, estimator_->next_padding());
    }
    return next;
}

}  // namespace jmeet::bridge
