// What one endpoint sends: its signalled sources, the streams behind them, and the feedback that
// it gets for them (receiver reports, transport-cc, NACK, key-frame requests).
//
// Owned by an Endpoint, on its media worker. A packet comes in decrypted and leaves towards the
// receivers within the call; afterwards video packets go into their stream's history.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "bridge/audio_filter.hpp"
#include "bridge/endpoint_transport.hpp"
#include "bridge/formats.hpp"
#include "bridge/limits.hpp"
#include "bridge/packet_tally.hpp"
#include "bridge/receive/keyframe_requester.hpp"
#include "bridge/receive/rr_generator.hpp"
#include "bridge/receive/transport_cc_receiver.hpp"
#include "bridge/remb_feedback.hpp"
#include "bridge/token_bucket.hpp"
#include "bridge/video_source.hpp"

namespace jmeet::bridge {

class EndpointInput;

// The conference, as a sending endpoint sees it.
class InputSink {
 public:
    // Somebody was heard. False: the packet that says so goes to nobody.
    virtual bool on_level(const EndpointInput& from, const SourceName& name,
                          std::uint8_t loudness, TimePoint now) = 0;
    virtual void on_audio(EndpointInput& from, const RtpPacket& packet, const SourceName& name,
                          TimePoint now) = 0;
    // Layers of a source came, went or changed: everybody's allocation runs again soon.
    virtual void on_layering_changed() = 0;

 protected:
    ~InputSink() = default;
};

class EndpointInput final : public KeyframeAsker {
 public:
    // LIMIT: tick period while media flows; NACK repeats after 150 ms, reports after 500 ms.
    static constexpr milliseconds kActiveTick{50};

    EndpointInput(const EndpointSetup& setup, EndpointTransport& transport, LoopServices& services,
                  InputSink& sink, Ssrc own_video, TimePoint now);

    const EndpointId& id() const { return id_; }
    void set_formats(std::shared_ptr<const MediaFormats> formats);
    const MediaFormats& formats() const { return *formats_; }
    void set_mute(const MuteUpdate& mute) { mute_ = mute; }

    struct SourceChange {
        std::vector<Ssrc> audio_removed;
        std::vector<MediaSource> audio_added;
        // Already taken out of this input, still whole: take them from the receivers, then drop.
        std::vector<std::unique_ptr<VideoSource>> video_removed;
        bool video_added = false;
        bool changed() const {
            return video_added || !video_removed.empty() || !audio_removed.empty() ||
                   !audio_added.empty();
        }
    };
    // The complete list. A source whose first SSRC is known already stays as it is.
    SourceChange set_sources(std::vector<MediaSource> sources);

    // What the client said of a source, also before that source is signalled. True: it changed a
    // source that is here.
    bool set_video_type(const SourceName& name, VideoType type);
    bool has_video() const;  // a source that sends

    void on_rtp(PacketPtr packet, TimePoint now);
    void on_sender_report(const rtcp::SenderReport& report, TimePoint now);
    Asked ask_keyframe(RequesterId who, Ssrc ssrc, TimePoint now) override;
    // Asks for key frames of its videos at that time, past the limits: it has just become the
    // speaker, and receivers will turn to it.
    void ask_keyframes_at(TimePoint at) { keyframes_due_ = at; }
    void set_rtt(std::optional<Duration> rtt);

    void tick(TimePoint now);
    TimePoint next_deadline() const { return next_tick_; }

    const std::vector<std::unique_ptr<VideoSource>>& video_sources() const { return videos_; }
    VideoSource* find_video(const SourceName& name);
    // The source and position of a primary SSRC.
    VideoSource* find_video_by_ssrc(Ssrc primary);
    bool has_audio(Ssrc ssrc) const { return audio_.contains(ssrc); }
    const SourceName* find_audio(Ssrc ssrc) const {
        const auto it = audio_.find(ssrc);
        return it == audio_.end() ? nullptr : &it->second.name;
    }
    bool sending_audio(TimePoint now);
    bool sending_video(TimePoint now);
    void add_to(MediaReport& report);

 private:
    struct Audio {
        SourceName name;
        AudioStream stream;
        TokenBucket<limits::kAudioPacketsPerSecond, limits::kAudioPacketBurst> rate{};
    };
    struct VideoRoute {
        VideoSource* source;
        VideoStream* stream;
    };

    void on_audio(PacketPtr& packet, RtpPacket& rtp, TimePoint now);
    void on_video(PacketPtr& packet, RtpPacket& rtp, const NegotiatedFormat& format, TimePoint now);
    void note_transport_seq(const RtpPacket& rtp, TimePoint now);
    void note_send_time(const RtpPacket& rtp, TimePoint now);
    void send_transport_feedback(TimePoint now);
    void send_nack(VideoStream& stream, TimePoint now);
    void send_receiver_reports(TimePoint now);
    void count_losses(std::span<StreamStatistics* const> streams);
    void count_drop(ReceiveVerdict verdict);

    const EndpointId id_;
    EndpointTransport& transport_;
    LoopServices& services_;
    InputSink& sink_;
    const Ssrc own_video_;  // sender of what the bridge writes
    // Shared with the control side, which made it.
    std::shared_ptr<const MediaFormats> formats_ = std::make_shared<const MediaFormats>();
    MuteUpdate mute_;
    AudioFilter filter_;
    TransportCcReceiver transport_cc_;
    RrGenerator reports_;
    std::unique_ptr<RembFeedback> remb_;  // for who knows REMB and no transport-wide feedback
    KeyframeRequester keyframes_;
    std::unordered_map<Ssrc, Audio> audio_;
    std::vector<std::unique_ptr<VideoSource>> videos_;
    // LIMIT: kMaxSourcesPerEndpoint names; more are not remembered.
    std::unordered_map<SourceName, VideoType> video_types_;
    std::unordered_map<Ssrc, VideoRoute> routes_;  // primary and RTX SSRCs
    std::int64_t lost_ = 0;  // of the streams that are here, as last counted
    TimePoint next_tick_ = TimePoint::max();
    std::optional<TimePoint> keyframes_due_;
    TimePoint last_media_{};
    const TimePoint created_;
    PacketTally audio_rate_;
    PacketTally video_rate_;
    TimePoint last_layer_check_{};
};

}  // namespace jmeet::bridge
