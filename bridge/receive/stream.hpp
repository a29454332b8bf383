// Incoming streams: what happens to a decrypted packet before anybody receives it.
//
// AudioStream: one per audio SSRC. VideoStream: one per encoding; it sees the packets of the
// primary SSRC and of its RTX SSRC. Both belong to the endpoint that sends and live on its
// conference's media worker. A packet that is to be forwarded has been put in order in place (RTX
// unwrapped, padding removed, renumbered); from then on it is not changed any more.
//
// Order of a video packet: statistics (wire numbers) -> RTX -> duplicates -> NACK bookkeeping
// (sender's numbers) -> padding-only packets removed and the rest renumbered -> codec -> layers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "bridge/receive/duplicate_filter.hpp"
#include "bridge/receive/layers.hpp"
#include "bridge/receive/nack_generator.hpp"
#include "bridge/receive/packet_history.hpp"
#include "bridge/receive/renumber.hpp"
#include "bridge/receive/statistics.hpp"
#include "bridge/rtp/codecs/frame_info.hpp"
#include "bridge/rtp/media.hpp"
#include "bridge/rtp/packet.hpp"
#include "bridge/rtp/packet_pool.hpp"
#include "bridge/rtp/rate_meter.hpp"

namespace jmeet::bridge {

enum class ReceiveVerdict : std::uint8_t {
    forward,
    silence,       // audio that nobody needs to hear
    probe,         // RTX without content: bandwidth probe
    padding_only,  // no payload
    fec,           // repairs numbers that no receiver sees
    duplicate,
    unknown_rtx,  // an RTX payload type on an SSRC that is not this stream's RTX SSRC, or the
                  // other way round
    malformed,    // the payload is not what its type says
};

class AudioStream {
 public:
    AudioStream(Ssrc ssrc, std::uint32_t clock_rate = 48'000) : stats_(ssrc, clock_rate) {}

    enum class Use : std::uint8_t { keep, discard };
    // `use` is the speech room's word on silence and mute. `packet` holds the packet that `rtp` is
    // a view of; on `forward`, as it is to be forwarded.
    ReceiveVerdict on_packet(PacketPtr& packet, RtpPacket& rtp, Use use, TimePoint now);

    StreamStatistics& statistics() { return stats_; }
    std::uint64_t bitrate(TimePoint now) { return rate_.bps(now); }
    TimePoint last_arrival() const { return stats_.last_arrival(); }

 private:
    StreamStatistics stats_;
    SimpleRenumber renumber_;
    RateMeter rate_;
};

class VideoStream {
 public:
    // LIMIT: so often asked in vain over such a time, and frames came but none that looks like a key
    // frame: with H.264 that says nothing of its layers it is encrypted from end to end.
    static constexpr int kUnanswered = 4;
    static constexpr seconds kUnansweredTime{5};

    // `position` in the SIM group of its source.
    VideoStream(const Encoding& encoding, int position, std::uint32_t clock_rate = 90'000);

    // `format` is that of the packet's own payload type; for RTX, `media` is that of its apt.
    // On `forward`, `rtp` is a view of the packet as it is to be forwarded and `frame` says what
    // is in it.
    struct Arrived {
        const PayloadFormat* format = nullptr;
        const PayloadFormat* media = nullptr;  // null: the apt is not known
        std::uint8_t dd_extension = 0;         // its id, 0 when not negotiated
        std::uint8_t frame_marking = 0;        // the same
    };
    ReceiveVerdict on_packet(PacketPtr& packet, RtpPacket& rtp, const Arrived& arrived,
                             FrameInfo& frame, TimePoint now);
    // True once after each change of the layers: run the allocation again, before this packet is
    // forwarded.
    bool take_layering_changed();

    // From a timer, about every 100 ms: forgets old packets, notices layers that fell silent. True
    // when the layering changed.
    bool update(TimePoint now);

    // A NACK for what is missing now; 0 when nothing is due.
    std::size_t write_nack(Ssrc sender, TimePoint now, Bytes out);

    Ssrc primary() const { return encoding_.primary; }
    std::optional<Ssrc> rtx() const { return encoding_.rtx; }
    int position() const { return layers_.encoding(); }
    StreamStatistics& statistics() { return stats_; }
    NackGenerator& nack() { return nack_; }
    // After forwarding, give the packet to the history: stream.history().insert(p).
    PacketHistory& history() { return history_; }
    EncodingLayers& layers() { return layers_; }
    const DdParser& dependency() const { return dd_; }
    std::uint64_t bitrate(TimePoint now) { return rate_.bps(now); }
    TimePoint last_arrival() const { return last_arrival_; }
    // Its source has been asked for a key frame.
    void on_keyframe_asked(TimePoint now);
    std::optional<TimePoint> last_keyframe() const { return last_keyframe_; }
    std::uint64_t keyframes() const { return keyframes_; }
    std::uint64_t recovered() const { return recovered_; }

 private:
    // Empty when the packet goes on.
    std::optional<ReceiveVerdict> unwrap(PacketPtr& packet, RtpPacket& rtp, const Arrived& arrived);
    void measure(const FrameInfo& frame, std::size_t bytes, TimePoint now);
    bool hides_keyframes(const FrameInfo& frame, TimePoint now) const;

    Encoding encoding_;
    StreamStatistics stats_;
    DuplicateFilter duplicates_;
    NackGenerator nack_;
    HistoryRenumber renumber_;
    DdParser dd_;
    EncodingLayers layers_;
    PacketHistory history_;
    RateMeter rate_;
    bool layering_changed_ = false;
    TimePoint last_arrival_{};
    TimePoint last_media_{};
    std::optional<TimePoint> last_keyframe_;
    // Requests since the last key frame that were followed by media.
    TimePoint first_unanswered_{};
    TimePoint last_asked_{};
    int unanswered_ = 0;
    std::uint64_t keyframes_ = 0;
    std::uint64_t recovered_ = 0;
};

}  // namespace jmeet::bridge
