// The video that one receiver gets: its wishes, the allocation that follows from them, one
// projection per source, and what it asks for again.
//
// Owned by an Endpoint, on its media worker. Allocations run on events and every few seconds;
// on_packet() runs per packet and allocates nothing.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "bridge/allocation/allocation.hpp"
#include "bridge/allocation/trigger.hpp"
#include "bridge/channel_session.hpp"
#include "bridge/forward/projection.hpp"
#include "bridge/forward/retransmission_map.hpp"
#include "bridge/forward/ssrc_rewriter.hpp"
#include "bridge/sender.hpp"
#include "bridge/video_source.hpp"

namespace jmeet::bridge {

class VideoOutput;

// One source for one receiver.
class ForwardedVideo {
 public:
    ForwardedVideo(VideoSource& source, VideoOutput& output)
        : source_(source), output_(output), projection_(source.primary()) {}
    ~ForwardedVideo() { source_.detach(*this); }
    ForwardedVideo(const ForwardedVideo&) = delete;
    ForwardedVideo& operator=(const ForwardedVideo&) = delete;

    // True: a copy went out.
    bool on_packet(const ProjectionPacket& packet, const ExtensionIds& from);
    void set_target(LayerIndex target, TimePoint now);
    // The receiver's decoder wants a key frame: its sender is asked until one has gone out, for
    // requests, and what they bring, get lost. KeyframeRequester says how often.
    void on_keyframe_asked(std::optional<Duration> rtt, TimePoint now);
    // What is still wanted is asked for again; with each packet, and when none comes.
    void ask_again(TimePoint now);
    VideoSource& source() { return source_; }
    VideoProjection& projection() { return projection_; }
    RetransmissionMap& sent() { return sent_; }
    // With each packet that went out. What was sent of another encoding is of no use after the
    // key frame that begins this one: it is not repeated any more.
    void on_sending(int encoding) {
        if (encoding != encoding_) sent_.clear();
        encoding_ = encoding;
    }

 private:
    VideoSource& source_;
    VideoOutput& output_;
    VideoProjection projection_;
    RetransmissionMap sent_;
    int encoding_ = -1;
    bool asked_ = false;  // by the receiver, and no key frame went out since
    std::optional<TimePoint> keyframe_sent_;
};

// A source with its snapshot of this moment.
struct OfferedSource {
    SourceSnapshot snapshot;
    VideoSource* source = nullptr;
    const ExtensionIds* extensions = nullptr;  // of its sender
};

class VideoOutput {
 public:
    VideoOutput(Sender& sender, ChannelSession& channel, SsrcAllocator& ssrcs,
                const EndpointSetup& setup, const AllocationConfig& config, TimePoint now);

    RequesterId requester() const { return requester_; }
    ReceiverSettings& settings() { return settings_; }
    const Allocation& allocation() const { return allocation_; }
    void set_rtx_support(RtxSupport rtx) { trigger_.set_rtx_support(rtx); }

    enum class Wishes : std::uint8_t { same, changed };
    // `offered`: others' sources in last-N order. `changed`: effective constraints differ from
    // the last run's, so the senders' maxima must be looked at.
    Wishes allocate(std::span<const OfferedSource* const> offered, const LastNLimits& limits,
                    TimePoint now);
    // What the decided and the best layers carry now, where the allocation knows what they carried
    // when it ran: a source that has just begun had no rate yet.
    struct Rates {
        std::int64_t target_bps = 0;
        std::int64_t ideal_bps = 0;
    };
    Rates rates(TimePoint now) const;
    BandwidthRule bandwidth_rule(TimePoint now) const { return trigger_.rule(settings_, now); }
    bool allocation_due(TimePoint now) const { return trigger_.due(now); }
    TimePoint next_allocation() const { return trigger_.next_run(); }
    // True: the estimate moved enough to run again.
    bool on_estimate(std::int64_t bps) { return trigger_.on_estimate(bps); }

    // Something can be sent to this receiver.
    bool ready() const { return sender_.ready(); }
    // From a ForwardedVideo, while ready. False: it did not go out.
    bool send(ForwardedVideo& video, const ProjectionPacket& packet, const ExtensionIds& from,
              Rewrite& rewrite);
    void forward_report(VideoSource& source, int encoding, const rtcp::SenderReport& report,
                        TimePoint now);
    // The receiver lost what we sent as (media, seq). Returns the bytes that went out again.
    std::size_t resend(Ssrc media, std::uint16_t seq, TimePoint now);
    // Whose video one of our outgoing SSRCs carries; null for an unknown one.
    ForwardedVideo* find_by_output(Ssrc media);
    // Of all senders from whom one is wanted.
    void ask_keyframes(TimePoint now);
    // Repeats newest packets on the RTX stream until about `bytes` are out; returns what was sent.
    std::size_t repeat(std::size_t bytes, TimePoint now);

    // The source goes: nothing refers to it afterwards.
    void remove(VideoSource& source);
    // For a channel that has just opened.
    void send_forwarded_sources();
    void send_map();

 private:
    void assign_slots();
    void list_rated();
    void apply_targets(std::span<const OfferedSource* const> offered, TimePoint now);
    std::optional<RtxTarget> rtx_target(ForwardedVideo& video, std::uint8_t pt);

    Sender& sender_;
    ChannelSession& channel_;
    const RequesterId requester_;
    AllocationConfig config_;
    ReceiverSettings settings_;
    AllocationTrigger trigger_;
    Allocation allocation_;
    bool started_video_ = false;
    // Of the allocation: what rates() looks at, without the sources that are never heard of.
    struct Rated {
        VideoSource* source;  // null: never forwarded, the allocation's figures hold
        LayerIndex target;
        LayerIndex ideal;
        std::int64_t target_bps;
        std::int64_t ideal_bps;
    };
    std::vector<Rated> rated_;
    std::vector<SourceName> forwarded_;  // as last announced, sorted
    std::optional<SsrcRewriter> rewriter_;
    std::unordered_map<Ssrc, std::unique_ptr<ForwardedVideo>> videos_;  // by primary
    std::unordered_map<Ssrc, const ExtensionIds*> extensions_;          // by primary
    std::unordered_map<Ssrc, RtxSequence> rtx_sequences_;               // by outgoing RTX SSRC
};

}  // namespace jmeet::bridge
