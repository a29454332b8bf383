#include "bridge/forward/projection.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

FrameKey key_of(const ProjectionPacket& p) { return {p.rtp.timestamp(), p.frame.spatial}; }

bool base_layer(const FrameInfo& frame) { return frame.spatial == 0 && frame.temporal == 0; }

ProjectionVerdict verdict_of(EncodingSwitch::Answer answer) {
    switch (answer) {
        case EncodingSwitch::Answer::suspended: return ProjectionVerdict::suspended;
        case EncodingSwitch::Answer::needs_keyframe: return ProjectionVerdict::needs_keyframe;
        case EncodingSwitch::Answer::other_encoding: return ProjectionVerdict::other_encoding;
        case EncodingSwitch::Answer::accept: break;
    }
    return ProjectionVerdict::forward;
}

}  // namespace

VideoProjection::VideoProjection(Ssrc output, StreamPosition start)
    : output_(output), position_(start) {}

VideoProjection::Kind VideoProjection::kind_of(const FrameInfo& frame) {
    if (frame.dd()) return Kind::dd;
    if (frame.vp8() && frame.parsed) return Kind::vp8;
    if (frame.vp9() && frame.parsed) return Kind::vp9;
    return Kind::generic;
}

void VideoProjection::set_target(LayerIndex target) {
    switch_.set_target(target);
    // Packets need not be shown to a suspended projection: what it saw before is no measure.
    if (target == kSuspended) seen_ = {};
}

bool VideoProjection::needs_keyframe() const { return switch_.needs_keyframe(); }

// Another codec on the same SSRC: the stream goes on, with a key frame and other descriptors.
void VideoProjection::enter(const FrameInfo& frame) {
    const Kind kind = kind_of(frame);
    if (kind == kind_ && frame.codec == codec_) return;
    kind_ = kind;
    codec_ = frame.codec;
    switch_.lose();
    last_encoding_ = -1;
}

ProjectionVerdict VideoProjection::on_packet(const ProjectionPacket& packet, Rewrite& out) {
    if (packet.encoding < 0 || packet.encoding >= kMaxEncodings) {
        return ProjectionVerdict::other_encoding;
    }
    enter(packet.frame);
    const ProjectionVerdict verdict = decide(packet, out);
    seen_.note(packet.encoding, packet.rtp.seq(), base_layer(packet.frame));
    return verdict;
}

ProjectionVerdict VideoProjection::decide(const ProjectionPacket& packet, Rewrite& out) {
    if (switch_.target() == kSuspended) return ProjectionVerdict::suspended;
    if (packet.encoding != switch_.current()) return decide_frame(packet, out);
    const auto place = sequence_.look_up(packet.rtp.seq(), key_of(packet));
    switch (place.place) {
        case SequenceMap::Place::duplicate:
        case SequenceMap::Place::too_old: return ProjectionVerdict::too_late;
        case SequenceMap::Place::jump: switch_.lose(); break;
        case SequenceMap::Place::ahead:
        case SequenceMap::Place::late: break;
    }
    if (!place.frame_accepted) return decide_frame(packet, out);
    if (*place.frame_accepted) return forward(packet, out);
    sequence_.refuse(place_of(packet));
    return ProjectionVerdict::other_layer;
}

bool VideoProjection::starts_keyframe(const ProjectionPacket& packet) const {
    if (!packet.frame.keyframes_known()) return switch_.current() != packet.encoding;
    return packet.frame.starts_keyframe;
}

// The first packet of a frame to arrive.
ProjectionVerdict VideoProjection::decide_frame(const ProjectionPacket& packet, Rewrite& out) {
    const int before = switch_.current();
    const bool entering = before != packet.encoding;
    const bool keyframe = starts_keyframe(packet) &&
                          !(entering && seen_.overtaken(packet.encoding, packet.rtp.seq()));
    const auto answer = switch_.decide(
        packet.encoding, keyframe ? EncodingSwitch::Frame::keyframe : EncodingSwitch::Frame::other,
        packet.arrival);
    if (answer != EncodingSwitch::Answer::accept) return verdict_of(answer);

    if (entering) start_encoding(packet);
    const LayerDecision layers = decide_layers(packet);
    if (layers.needs_keyframe) switch_.request_keyframe();
    if (layers.forward || entering) {
        if (!entering) log_frame(packet, FrameLog::Fate::accepted);
        return forward(packet, out);
    }
    const auto place = place_of(packet);
    log_frame(packet, FrameLog::Fate::refused);
    sequence_.refuse(place);
    return layers.needs_keyframe ? ProjectionVerdict::undecodable : ProjectionVerdict::other_layer;
}

LayerDecision VideoProjection::decide_layers(const ProjectionPacket& packet) {
    const int spatial = spatial_of(switch_.target());
    const int temporal = temporal_of(switch_.target());
    const auto pending = switch_.pending();
    switch (kind_) {
        case Kind::vp8: return decide_vp8(packet);
        case Kind::vp9: return vp9_.decide(*packet.frame.vp9(), {spatial, temporal, pending});
        case Kind::dd:
            if (!packet.structure) return {false, true};
            return dd_.decide(*packet.frame.dd(), *packet.structure, {spatial, temporal, pending},
                              frames_);
        case Kind::generic:
            if (const FrameMarking* frame = packet.frame.marking()) {
                return {marking_.decide(*frame, temporal_allowed(pending, frame->temporal, temporal)),
                        false};
            }
            break;
        case Kind::none: break;
    }
    return {true, false};
}

LayerDecision VideoProjection::decide_vp8(const ProjectionPacket& packet) const {
    const FrameInfo& frame = packet.frame;
    if (frame.starts_keyframe) return {true, false};
    if (!temporal_allowed(switch_.pending(), frame.temporal, temporal_of(switch_.target()))) {
        return {};
    }
    const bool decodable = frame.temporal == 0 ||
                           frames_.decodable(*frame.vp8()->picture_id, frame.temporal);
    return {decodable, false};
}

void VideoProjection::start_encoding(const ProjectionPacket& packet) {
    const std::uint16_t seq = packet.rtp.seq();
    // An unfinished frame is left with a gap behind it: the receiver must not take the next
    // packet for its continuation.
    const int step = position_.frame_open ? 2 : 1;
    start_timestamps(packet);
    sequence_.start(seq, static_cast<std::uint16_t>(position_.seq + step),
                    seen_.newest(packet.encoding, seq));
    start_numbers(packet);
    last_encoding_ = packet.encoding;
}

void VideoProjection::start_timestamps(const ProjectionPacket& packet) {
    const std::uint32_t ts = packet.rtp.timestamp();
    // The same encoding after a pause keeps its own clock.
    if (last_encoding_ == packet.encoding &&
        timestamp_newer(ts + offsets_.timestamp, position_.timestamp)) {
        return;
    }
    constexpr std::uint32_t kFrameTicks = 3'000;
    std::int64_t frames = 1;
    if (position_.frame_arrival != TimePoint{}) {
        const auto elapsed = std::chrono::duration_cast<milliseconds>(packet.arrival -
                                                                      position_.frame_arrival);
        // LIMIT: an hour; a longer pause need not be mapped to time.
        frames = std::clamp<std::int64_t>(elapsed.count() / 33, 1, 109'000);
    }
    offsets_.timestamp =
        position_.timestamp + kFrameTicks * static_cast<std::uint32_t>(frames) - ts;
}

// The very first frame of a stream keeps the numbers of its source.
void VideoProjection::start_numbers(const ProjectionPacket& packet) {
    offsets_.number = 0;
    offsets_.tl0picidx = 0;
    offsets_.template_id = 0;
    if (kind_ == Kind::vp8) {
        const Vp8Descriptor& d = *packet.frame.vp8();
        const std::uint16_t id = *d.picture_id;
        const bool first = !position_.has_picture;
        if (!first) {
            offsets_.tl0picidx = static_cast<std::uint8_t>(position_.tl0picidx + 1 -
                                                           d.tl0picidx.value_or(0));
        }
        frames_.start(15, id, first ? id : static_cast<std::uint16_t>(position_.picture_id + 1));
    } else if (kind_ == Kind::vp9) {
        vp9_.reset();
        const Vp9Descriptor& d = *packet.frame.vp9();
        if (!position_.has_picture) return;
        offsets_.number = static_cast<std::uint16_t>(position_.picture_id + 1 - *d.picture_id);
        offsets_.tl0picidx =
            static_cast<std::uint8_t>(position_.tl0picidx + 1 - d.tl0picidx.value_or(0));
    } else if (kind_ == Kind::dd) {
        dd_.reset();
        const DependencyDescriptor& d = *packet.frame.dd();
        frames_.start(16, d.frame_number, d.frame_number);
        if (!position_.has_dd) return;
        offsets_.number = static_cast<std::uint16_t>(position_.frame_number + 1 - d.frame_number);
        if (packet.structure) {
            offsets_.template_id = static_cast<std::uint8_t>(
                (position_.template_offset + position_.template_count -
                 packet.structure->id_offset) & 63);
        }
    }
}

void VideoProjection::log_frame(const ProjectionPacket& packet, FrameLog::Fate fate) {
    const FrameInfo& frame = packet.frame;
    if (kind_ == Kind::vp8) {
        frames_.add(*frame.vp8()->picture_id, frame.temporal, frame.starts_keyframe, fate);
    } else if (kind_ == Kind::dd) {
        frames_.add(frame.dd()->frame_number, frame.temporal, frame.starts_keyframe, fate);
    }
}

SequenceMap::Packet VideoProjection::place_of(const ProjectionPacket& packet) const {
    SequenceMap::Packet place;
    place.seq = packet.rtp.seq();
    place.key = key_of(packet);
    place.starts_frame = packet.frame.start_of_frame;
    place.ends_frame = packet.frame.end_of_frame;
    if (kind_ == Kind::vp8) {
        place.follows = frames_.follows_newest(*packet.frame.vp8()->picture_id);
    } else if (kind_ == Kind::dd) {
        place.follows = frames_.follows_newest(packet.frame.dd()->frame_number);
    }
    return place;
}

ProjectionVerdict VideoProjection::forward(const ProjectionPacket& packet, Rewrite& out) {
    const auto seq = sequence_.accept(place_of(packet));
    if (!seq) return ProjectionVerdict::too_late;
    out = unchanged(packet.rtp);
    out.ssrc = output_;
    out.seq = *seq;
    out.timestamp = packet.rtp.timestamp() + offsets_.timestamp;
    if (!fill_fields(packet, out)) return ProjectionVerdict::too_late;
    remember(packet, out);
    return ProjectionVerdict::forward;
}

bool VideoProjection::fill_fields(const ProjectionPacket& packet, Rewrite& out) {
    switch (kind_) {
        case Kind::vp8: return fill_vp8(packet, out);
        case Kind::vp9: fill_vp9(packet, out); return true;
        case Kind::dd: fill_dd(packet, out); return true;
        case Kind::generic:
        case Kind::none: break;
    }
    return true;
}

bool VideoProjection::fill_vp8(const ProjectionPacket& packet, Rewrite& out) {
    const Vp8Descriptor& d = *packet.frame.vp8();
    const FrameLog::Frame* frame = frames_.find(*d.picture_id);
    if (!frame) return false;
    out.fields = RewriteFields::vp8;
    out.number = frame->out;
    out.tl0picidx = static_cast<std::uint8_t>(d.tl0picidx.value_or(0) + offsets_.tl0picidx);
    return true;
}

void VideoProjection::fill_vp9(const ProjectionPacket& packet, Rewrite& out) {
    const Vp9Descriptor& d = *packet.frame.vp9();
    out.fields = RewriteFields::vp9;
    out.number = static_cast<std::uint16_t>((*d.picture_id + offsets_.number) & 0x7fff);
    out.tl0picidx = static_cast<std::uint8_t>(d.tl0picidx.value_or(0) + offsets_.tl0picidx);
    const int spatial = spatial_of(switch_.target());
    const int temporal = temporal_of(switch_.target());
    out.marker |= vp9_.ends_picture(d, {spatial, temporal, switch_.pending()});
}

void VideoProjection::fill_dd(const ProjectionPacket& packet, Rewrite& out) {
    const DependencyDescriptor& d = *packet.frame.dd();
    out.fields = RewriteFields::dependency_descriptor;
    out.number = static_cast<std::uint16_t>(d.frame_number + offsets_.number);
    out.tl0picidx = offsets_.template_id;
    if (!packet.structure) return;
    out.marker |= dd_.ends_picture(d, *packet.structure);
    if (d.start_of_frame && !d.has_structure && dd_.mask_due()) {
        out.mask = dd_.take_mask(*packet.structure);
        out.mask_bits = packet.structure->decode_targets;
    }
}

void VideoProjection::remember(const ProjectionPacket& packet, const Rewrite& out) {
    // Places kept for lost packets count as sent: nothing else may take them.
    position_.seq = sequence_.edge();
    position_.frame_open = sequence_.frame_open();
    const bool first = position_.frame_arrival == TimePoint{};
    if (first || timestamp_newer(out.timestamp, position_.timestamp)) {
        position_.timestamp = out.timestamp;
        position_.frame_arrival = packet.arrival;
    }
    if (out.fields == RewriteFields::dependency_descriptor) {
        const bool newer = !position_.has_dd || seq_newer(out.number, position_.frame_number);
        if (newer) position_.frame_number = out.number;
        position_.has_dd = true;
        if (packet.frame.dd()->has_structure && packet.structure) {
            position_.template_offset =
                static_cast<std::uint8_t>((packet.structure->id_offset + out.tl0picidx) & 63);
            position_.template_count = packet.structure->template_count;
        }
    } else if (out.fields != RewriteFields::none) {
        const bool newer =
            !position_.has_picture || picture_id_diff(out.number, position_.picture_id) > 0;
        if (newer || out.number == position_.picture_id) {
            position_.picture_id = out.number;
            position_.tl0picidx = out.tl0picidx;
        }
        position_.has_picture = true;
    }
}

std::optional<std::uint32_t> VideoProjection::report_timestamp(int encoding,
                                                               std::uint32_t timestamp) const {
    if (encoding < 0 || encoding != switch_.current()) return std::nullopt;
    return timestamp + offsets_.timestamp;
}

}  // namespace jmeet::bridge
