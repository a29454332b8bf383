// Writing packets for one receiver: its extension ids, the stamps that the bridge puts on, the
// counts that sender reports carry, and the way out through SRTP into the port's slot.
//
// Owned by an Endpoint, on its media worker; called per packet and receiver, allocates only for
// the first packet of an outgoing SSRC. Decides nothing: who gets what is AudioOutput's and
// VideoOutput's business.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "bridge/bwe/sent_packets.hpp"
#include "bridge/endpoint_transport.hpp"
#include "bridge/formats.hpp"
#include "bridge/forward/rewrite.hpp"
#include "bridge/receive/rtt_tracker.hpp"
#include "bridge/rtp/rtcp/sender_report.hpp"
#include "bridge/ssrc_map.hpp"

namespace jmeet::bridge {

class Sender {
 public:
    Sender(EndpointTransport& transport, LoopServices& services)
        : transport_(transport), services_(services) {}

    // Shared with the control side's copy; immutable.
    void set_formats(std::shared_ptr<const MediaFormats> formats) { formats_ = std::move(formats); }
    const MediaFormats& formats() const { return *formats_; }
    bool ready() const { return transport_.ready(); }

    // A copy of `packet` as `rewrite` says. False: not sent (counted).
    bool send_audio(const RtpPacket& packet, const ExtensionIds& from, const Rewrite& rewrite,
                    std::string_view mid, TimePoint now);
    bool send_video(const RtpPacket& packet, const ExtensionIds& from, const Rewrite& rewrite,
                    std::string_view mid, TimePoint now);
    bool resend(const RtpPacket& packet, const ExtensionIds& from, const Rewrite& rewrite,
                const RtxTarget& rtx, std::string_view mid, TimePoint now);
    // Packets of nothing but padding on one of the bridge's own SSRCs, about `bytes` in all;
    // returns what was sent. Only with transport-wide numbers: without them nobody measures.
    std::size_t send_padding(Ssrc ssrc, std::size_t bytes, TimePoint now);
    // The report of a sender as it stands, with our own counts; dropped when nothing was sent on
    // that SSRC.
    bool send_report(rtcp::SenderReport report, TimePoint now);
    bool send_rtcp(BytesView packet) { return transport_.send_rtcp(packet); }

    SentPackets& sent_packets() { return sent_packets_; }
    RttTracker& rtt() { return rtt_; }
    std::optional<TimePoint> first_video() const { return first_video_; }
    TimePoint last_video() const { return last_video_; }

 private:
    struct Count {
        std::uint32_t packets = 0;
        std::uint32_t octets = 0;
    };

    Stamps stamps(MediaType type, std::size_t size, std::string_view mid, TimePoint now);
    bool finish(Bytes slot, std::size_t size, Ssrc ssrc);

    EndpointTransport& transport_;
    LoopServices& services_;
    // Shared with the control side, which made it.
    std::shared_ptr<const MediaFormats> formats_ = std::make_shared<const MediaFormats>();
    SentPackets sent_packets_;
    RttTracker rtt_;
    SsrcMap<Count> counts_;
    std::uint16_t padding_seq_ = 0;
    std::optional<TimePoint> first_video_;
    TimePoint last_video_{};
};

}  // namespace jmeet::bridge
