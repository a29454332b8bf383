#include "bridge/audio_output.hpp"

#include <algorithm>
#include <array>

#include "bridge/channel/messages.hpp"
#include "bridge/rtp/packet_pool.hpp"
#include "bridge/rtp/packet_writer.hpp"
#include "bridge/source_maps.hpp"

namespace jmeet::bridge {

AudioOutput::AudioOutput(Sender& sender, ChannelSession& channel, SsrcAllocator& ssrcs,
                         const EndpointSetup& setup, const AllocationConfig& config)
    : sender_(sender), channel_(channel) {
    if (setup.ssrc_rewriting) {
        rewriter_.emplace(MediaType::audio, static_cast<std::size_t>(config.audio_ssrc_limit),
                          setup.mid_demux ? MidDemux::on : MidDemux::off, ssrcs);
    }
}

void AudioOutput::forward(const RtpPacket& packet, const AudioSourceRef& source, TimePoint now) {
    if (!sender_.ready() || !sender_.formats().accepts_audio) return;
    if (!subscription_.wants(source.signalled)) return;
    Rewrite rewrite = unchanged(packet);
    std::string_view mid;
    if (rewriter_) {
        if (!rewriter_->touch_mapped(source.ssrc)) {
            const auto mapping = rewriter_->touch({source.ssrc, source.name, source.owner});
            if (mapping) send_audio_map(channel_, {&*mapping, 1});
        }
        if (!rewriter_->apply(source.ssrc, SsrcRewriter::Start::other, now, rewrite)) return;
        mid = rewriter_->mid_of(source.ssrc);
    }
    send(packet, source, rewrite, mid, now);
}

// Who did not negotiate RED gets what is inside.
void AudioOutput::send(const RtpPacket& packet, const AudioSourceRef& source,
                       const Rewrite& rewrite, std::string_view mid, TimePoint now) {
    if (!source.red || sender_.formats().find(packet.pt())) {
        sender_.send_audio(packet, source.extensions, rewrite, mid, now);
        return;
    }
    std::array<std::uint8_t, kPacketCapacity> copy;
    const BytesView whole = packet.bytes();
    if (whole.size() > copy.size()) return;
    std::copy(whole.begin(), whole.end(), copy.begin());
    const auto view = RtpPacket::parse(BytesView(copy).first(whole.size()));
    const std::size_t size = view ? strip_red(copy, *view) : 0;
    const auto plain = size ? RtpPacket::parse(BytesView(copy).first(size)) : std::nullopt;
    if (plain) sender_.send_audio(*plain, source.extensions, rewrite, mid, now);
}

void AudioOutput::forward_report(const rtcp::SenderReport& report, TimePoint now) {
    if (!sender_.ready()) return;
    rtcp::SenderReport copy = report;
    if (rewriter_) {
        const auto moved = rewriter_->report(report.sender, report.rtp_timestamp);
        if (!moved) return;
        copy.sender = moved->ssrc;
        copy.rtp_timestamp = moved->timestamp;
    }
    sender_.send_report(copy, now);
}

void AudioOutput::remove(Ssrc ssrc) {
    if (rewriter_) rewriter_->remove(ssrc);
}

void AudioOutput::send_map() {
    if (!rewriter_) return;
    const auto mappings = rewriter_->mappings();
    if (!mappings.empty()) send_audio_map(channel_, mappings);
}

}  // namespace jmeet::bridge
