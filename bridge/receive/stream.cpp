#include "bridge/receive/stream.hpp"

#include <algorithm>
#include <array>

#include "bridge/rtp/packet_writer.hpp"
#include "bridge/rtp/rtcp/nack.hpp"

namespace jmeet::bridge {

ReceiveVerdict AudioStream::on_packet(PacketPtr& packet, RtpPacket& rtp, Use use, TimePoint now) {
    stats_.on_packet(rtp.seq(), rtp.timestamp(), rtp.bytes().size(), now);
    if (use == Use::discard || rtp.payload().empty()) {
        renumber_.drop(rtp.seq());
        return use == Use::discard ? ReceiveVerdict::silence : ReceiveVerdict::padding_only;
    }
    set_seq(packet.bytes(), renumber_.accept(rtp.seq()));
    rate_.add(rtp.bytes().size(), now);
    return ReceiveVerdict::forward;
}

VideoStream::VideoStream(const Encoding& encoding, int position, std::uint32_t clock_rate)
    : encoding_(encoding),
      stats_(encoding.primary, clock_rate),
      layers_(position) {}

std::optional<ReceiveVerdict> VideoStream::unwrap(PacketPtr& packet, RtpPacket& rtp,
                                                  const Arrived& arrived) {
    const bool rtx_format = arrived.format->codec == Codec::rtx;
    const bool rtx_ssrc = encoding_.rtx && rtp.ssrc() == *encoding_.rtx;
    if (rtx_format != rtx_ssrc) return ReceiveVerdict::unknown_rtx;
    if (!rtx_format) return {};
    if (rtp.payload().size() < 2) return ReceiveVerdict::probe;
    if (!arrived.media) return ReceiveVerdict::unknown_rtx;
    packet.set_size(unwrap_rtx(packet.bytes(), rtp, encoding_.primary, arrived.media->pt));
    const auto unwrapped = RtpPacket::parse(packet.view());
    if (!unwrapped) return ReceiveVerdict::malformed;
    rtp = *unwrapped;
    return {};
}

ReceiveVerdict VideoStream::on_packet(PacketPtr& packet, RtpPacket& rtp, const Arrived& arrived,
                                      FrameInfo& frame, TimePoint now) {
    last_arrival_ = now;
    const bool over_rtx = encoding_.rtx && rtp.ssrc() == *encoding_.rtx;
    if (!over_rtx) stats_.on_packet(rtp.seq(), rtp.timestamp(), rtp.bytes().size(), now);
    if (const auto verdict = unwrap(packet, rtp, arrived)) return *verdict;

    const std::uint16_t wire_seq = rtp.seq();
    if (!duplicates_.is_new(wire_seq)) return ReceiveVerdict::duplicate;
    nack_.on_packet(wire_seq, now);
    if (over_rtx) ++recovered_;
    if (rtp.payload().empty()) {
        renumber_.drop(wire_seq);
        return ReceiveVerdict::padding_only;
    }
    const Codec codec = over_rtx ? arrived.media->codec : arrived.format->codec;
    if (codec == Codec::fec) {
        renumber_.drop(wire_seq);
        return ReceiveVerdict::fec;
    }
    const auto info = parse_frame_info(codec, rtp, arrived.dd_extension, dd_,
                                       arrived.frame_marking);
    if (!info) {
        renumber_.drop(wire_seq);
        return ReceiveVerdict::malformed;
    }
    frame = *info;
    frame.keyframes_hidden = hides_keyframes(frame, now);
    if (rtp.padding_size() > 0) {
        packet.set_size(strip_padding(packet.bytes(), rtp));
        const auto stripped = RtpPacket::parse(packet.view());
        if (!stripped) return ReceiveVerdict::malformed;
        rtp = *stripped;
    }
    set_seq(packet.bytes(), renumber_.accept(wire_seq));
    measure(frame, rtp.bytes().size(), now);
    return ReceiveVerdict::forward;
}

void VideoStream::measure(const FrameInfo& frame, std::size_t bytes, TimePoint now) {
    rate_.add(bytes, now);
    last_media_ = now;
    if (layers_.on_packet(frame, dd_, bytes, now)) layering_changed_ = true;
    if (frame.starts_keyframe) {
        ++keyframes_;
        last_keyframe_ = now;
        unanswered_ = 0;
    }
}

void VideoStream::on_keyframe_asked(TimePoint now) {
    if (unanswered_ != 0 && last_media_ <= last_asked_) return;  // nothing came to answer with
    last_asked_ = now;
    if (unanswered_ == 0) first_unanswered_ = now;
    unanswered_ = std::min(unanswered_ + 1, kUnanswered);
}

bool VideoStream::hides_keyframes(const FrameInfo& frame, TimePoint now) const {
    return unanswered_ == kUnanswered && now - first_unanswered_ >= kUnansweredTime &&
           frame.codec == Codec::h264 && !frame.starts_keyframe &&
           std::holds_alternative<std::monostate>(frame.detail);
}

bool VideoStream::take_layering_changed() { return std::exchange(layering_changed_, false); }

bool VideoStream::update(TimePoint now) {
    history_.expire(now);
    if (layers_.update(now)) layering_changed_ = true;
    return layering_changed_;
}

std::size_t VideoStream::write_nack(Ssrc sender, TimePoint now, Bytes out) {
    std::array<std::uint16_t, NackGenerator::kMaxMissing> lost;
    const std::size_t count = nack_.collect(now, lost);
    return rtcp::write_nack(sender, encoding_.primary, std::span(lost).first(count), out);
}

}  // namespace jmeet::bridge
