// A video source as it is received: what was signalled of it, one stream per encoding, and the
// receivers to whom it goes right now.
//
// Owned by the sending endpoint's EndpointInput; media worker. `targets` holds only receivers
// whose allocation wants something, so a packet costs nothing for the others.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "bridge/allocation/allocation.hpp"
#include "bridge/forward/continuity.hpp"
#include "bridge/receive/keyframe_back_off.hpp"
#include "bridge/receive/keyframe_requester.hpp"
#include "bridge/receive/stream.hpp"
#include "bridge/rtp/media.hpp"

namespace jmeet::bridge {

class ForwardedVideo;

// The sending endpoint, as receivers see it.
class KeyframeAsker {
 public:
    enum class Asked : std::uint8_t { yes, not_now };
    virtual Asked ask_keyframe(RequesterId who, Ssrc ssrc, TimePoint now) = 0;

 protected:
    ~KeyframeAsker() = default;
};

class VideoSource {
 public:
    VideoSource(MediaSource signalled, KeyframeAsker& sender);

    const SourceName& name() const { return signalled_.name; }
    const EndpointId& owner() const { return signalled_.owner; }
    Ssrc primary() const { return signalled_.encodings.front().primary; }
    const MediaSource& signalled() const { return signalled_; }
    VideoType type() const { return signalled_.video_type; }
    void set_type(VideoType type) { signalled_.video_type = type; }
    // For a receiver that wants one; asks the sender, unless it is too early.
    void ask_keyframe(RequesterId who, TimePoint now);

    std::vector<std::unique_ptr<VideoStream>>& streams() { return streams_; }
    VideoStream* stream(int encoding);
    // The position in the SIM group; -1 when `ssrc` is no primary of this source.
    int position_of(Ssrc primary) const;

    // What the sender says of its layers. True when that is news.
    bool on_allocated(const VideoLayers& layers);

    // Something has come of it; otherwise no layer of it carries anything.
    bool heard() const { return last_media_ != TimePoint{}; }
    void on_media(TimePoint now) { last_media_ = now; }

    // As the allocation sees it.
    SourceSnapshot snapshot(TimePoint now);
    // What a layer carries now, with all that it depends on.
    std::uint64_t bitrate(LayerIndex layer, TimePoint now);
    bool sending(TimePoint now);

    void attach(ForwardedVideo& target);
    void detach(ForwardedVideo& target);
    const std::vector<ForwardedVideo*>& targets() const { return targets_; }

 private:
    using Encodings = std::array<EncodingLayers*, kMaxEncodings>;
    std::span<EncodingLayers* const> encodings(Encodings& out);

    MediaSource signalled_;
    KeyframeAsker& sender_;
    TimePoint last_media_{};
    KeyframeBackOff back_off_;
    std::vector<std::unique_ptr<VideoStream>> streams_;
    std::vector<ForwardedVideo*> targets_;
};

}  // namespace jmeet::bridge
