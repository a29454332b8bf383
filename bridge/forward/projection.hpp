// One video source for one receiver: several encodings and layers in, one continuous stream out.
//
// Owner: the receiver's side of a source; on its conference's media worker. on_packet() sees every
// packet of every encoding of the source, in order of arrival, whether or not it is forwarded; it
// decides by the first packet of a frame and numbers what goes on without gaps: a lost packet
// keeps its place, a refused one takes none. Encodings are switched on key frames only.
// LIMIT: packets more than SequenceMap::kWindow behind the newest are refused.
// VP8, VP9 (SVC, K-SVC, simulcast), anything with a dependency descriptor (AV1, H.264), others.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "bridge/forward/continuity.hpp"
#include "bridge/forward/dd_filter.hpp"
#include "bridge/forward/encoding_switch.hpp"
#include "bridge/forward/frame_log.hpp"
#include "bridge/forward/marking_filter.hpp"
#include "bridge/forward/rewrite.hpp"
#include "bridge/forward/sequence_map.hpp"
#include "bridge/forward/vp9_filter.hpp"
#include "bridge/rtp/codecs/frame_info.hpp"
#include "bridge/rtp/layer_index.hpp"
#include "bridge/rtp/packet.hpp"

namespace jmeet::bridge {

enum class ProjectionVerdict : std::uint8_t {
    forward,
    suspended,        // the target says: nothing
    needs_keyframe,   // nothing decodable yet
    other_encoding,   // not the encoding that is forwarded now
    other_layer,      // above what the target allows
    undecodable,      // what it needs was not forwarded
    too_late,         // its place is gone
};

struct ProjectionPacket {
    const RtpPacket& rtp;
    const FrameInfo& frame;
    int encoding = 0;                        // position in the source's SIM group
    const DdStructure* structure = nullptr;  // of its stream, when frame.dd()
    TimePoint arrival;
};

class VideoProjection {
 public:
    // `output`: the SSRC to send on; encoding 0's, when SSRCs are not rewritten.
    explicit VideoProjection(Ssrc output, StreamPosition start = {});

    // From the allocation. kSuspended stops at once; a key frame is needed to resume.
    void set_target(LayerIndex target);
    LayerIndex target() const { return switch_.target(); }
    // The encoding that is forwarded now, -1 = none.
    int current_encoding() const { return switch_.current(); }

    // On `forward`, `out` is filled in.
    ProjectionVerdict on_packet(const ProjectionPacket& packet, Rewrite& out);
    // Ask after each packet; the requester throttles (at most one per 200 ms).
    bool needs_keyframe() const;

    // The sender report of one encoding: the RTP time that belongs to it in the outgoing stream.
    // Empty when that encoding is not the one being forwarded: the report must be dropped.
    std::optional<std::uint32_t> report_timestamp(int encoding, std::uint32_t timestamp) const;

    // What was sent last: a successor on the same SSRC continues from here.
    const StreamPosition& position() const { return position_; }
    Ssrc output() const { return output_; }

 private:
    enum class Kind : std::uint8_t { none, generic, vp8, vp9, dd };
    static Kind kind_of(const FrameInfo& frame);

    void enter(const FrameInfo& frame);
    ProjectionVerdict decide(const ProjectionPacket& packet, Rewrite& out);
    ProjectionVerdict decide_frame(const ProjectionPacket& packet, Rewrite& out);
    LayerDecision decide_layers(const ProjectionPacket& packet);
    LayerDecision decide_vp8(const ProjectionPacket& packet) const;
    bool starts_keyframe(const ProjectionPacket& packet) const;
    void start_encoding(const ProjectionPacket& packet);
    void start_timestamps(const ProjectionPacket& packet);
    void start_numbers(const ProjectionPacket& packet);
    void log_frame(const ProjectionPacket& packet, FrameLog::Fate fate);
    SequenceMap::Packet place_of(const ProjectionPacket& packet) const;
    ProjectionVerdict forward(const ProjectionPacket& packet, Rewrite& out);
    bool fill_fields(const ProjectionPacket& packet, Rewrite& out);
    bool fill_vp8(const ProjectionPacket& packet, Rewrite& out);
    void fill_vp9(const ProjectionPacket& packet, Rewrite& out);
    void fill_dd(const ProjectionPacket& packet, Rewrite& out);
    void remember(const ProjectionPacket& packet, const Rewrite& out);

    Ssrc output_;
    Kind kind_ = Kind::none;
    Codec codec_ = Codec::unknown;
    EncodingSwitch switch_;
    SequenceMap sequence_;
    FrameLog frames_;
    Vp9Filter vp9_;
    DdFilter dd_;
    MarkingFilter marking_;
    StreamPosition position_;
    StreamOffsets offsets_;
    SeenPackets seen_;
    int last_encoding_ = -1;  // whose timestamp offset offsets_ holds
};

}  // namespace jmeet::bridge
