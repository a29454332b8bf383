#include "bridge/video_output.hpp"

#include <algorithm>

#include "bridge/channel/messages.hpp"
#include "bridge/source_maps.hpp"

namespace jmeet::bridge {

bool ForwardedVideo::on_packet(const ProjectionPacket& packet, const ExtensionIds& from) {
    // Nothing is decided for a receiver that cannot be reached: a key frame would count as sent.
    if (!output_.ready()) return false;
    Rewrite rewrite;
    const bool may_start = packet.frame.starts_keyframe || !packet.frame.keyframes_known();
    const bool sent = projection_.on_packet(packet, rewrite) == ProjectionVerdict::forward &&
                      output_.send(*this, packet, from, rewrite);
    if (sent && may_start) {
        keyframe_sent_ = packet.arrival;
        asked_ = false;
    }
    ask_again(packet.arrival);
    return sent;
}

void ForwardedVideo::set_target(LayerIndex target, TimePoint now) {
    const LayerIndex before = projection_.target();
    if (target == before) return;
    projection_.set_target(target);
    if (target == kSuspended) {
        source_.detach(*this);
        asked_ = false;
        return;
    }
    source_.attach(*this);
    ask_again(now);
}

void ForwardedVideo::on_keyframe_asked(std::optional<Duration> rtt, TimePoint now) {
    if (projection_.target() == kSuspended) return;
    // Who asked before the last one can have arrived has it by now.
    const bool crossed = keyframe_sent_ && now - *keyframe_sent_ < rtt.value_or(Duration{});
    asked_ |= !crossed;
    source_.ask_keyframe(output_.requester(), now);
}

void ForwardedVideo::ask_again(TimePoint now) {
    if (!output_.ready() || !(asked_ || projection_.needs_keyframe())) return;
    source_.ask_keyframe(output_.requester(), now);
}

VideoOutput::VideoOutput(Sender& sender, ChannelSession& channel, SsrcAllocator& ssrcs,
                         const EndpointSetup& setup, const AllocationConfig& config, TimePoint now)
    : sender_(sender),
      channel_(channel),
      requester_(static_cast<RequesterId>(setup.token)),
      config_(config),
      settings_(config),
      trigger_(config, RtxSupport::no, now) {
    if (setup.ssrc_rewriting) {
        rewriter_.emplace(MediaType::video, static_cast<std::size_t>(config.video_ssrc_limit),
                          setup.mid_demux ? MidDemux::on : MidDemux::off, ssrcs);
    }
}

VideoOutput::Wishes VideoOutput::allocate(std::span<const OfferedSource* const> offered,
                                          const LastNLimits& limits, TimePoint now) {
    std::vector<const SourceSnapshot*> snapshots;
    snapshots.reserve(offered.size());
    for (const auto* o : offered) snapshots.push_back(&o->snapshot);
    Allocation next = bridge::allocate(snapshots, settings_, limits,
                                       trigger_.available(settings_, now), config_);
    trigger_.on_run(now);
    const bool wishes_changed = !same_effective_constraints(allocation_, next);
    allocation_ = std::move(next);
    if (wishes_changed) assign_slots();
    apply_targets(offered, now);
    list_rated();

    auto names = forwarded_sources(allocation_);
    std::sort(names.begin(), names.end());
    if (names != forwarded_) {
        forwarded_ = std::move(names);
        send_forwarded_sources();
    }
    return wishes_changed ? Wishes::changed : Wishes::same;
}

void VideoOutput::list_rated() {
    rated_.clear();
    for (const auto& s : allocation_.sources) {
        if (s.ideal == kSuspended) continue;
        const auto it = videos_.find(s.primary);
        rated_.push_back({it == videos_.end() ? nullptr : &it->second->source(), s.target, s.ideal,
                          static_cast<std::int64_t>(s.target_bitrate),
                          static_cast<std::int64_t>(s.ideal_bitrate)});
    }
}

VideoOutput::Rates VideoOutput::rates(TimePoint now) const {
    Rates sum;
    for (const Rated& r : rated_) {
        if (!r.source) {
            sum.target_bps += r.target == kSuspended ? 0 : r.target_bps;
            sum.ideal_bps += r.ideal_bps;
            continue;
        }
        if (!r.source->heard()) continue;
        const auto bps = [&](LayerIndex layer) {
            return layer == kSuspended
                       ? std::int64_t{0}
                       : static_cast<std::int64_t>(r.source->bitrate(layer, now));
        };
        const std::int64_t ideal = bps(r.ideal);
        sum.target_bps += r.target == r.ideal ? ideal : bps(r.target);
        sum.ideal_bps += ideal;
    }
    return sum;
}

void VideoOutput::assign_slots() {
    if (!rewriter_) return;
    std::vector<RewrittenSource> wanted;
    std::vector<RewrittenSource> spare;
    for (const auto& s : allocation_.sources) {
        if (!sends_video(s.video_type)) continue;
        (s.effective.disabled() ? spare : wanted)
            .push_back({s.primary, s.name, s.owner, s.video_type});
    }
    const auto mappings = rewriter_->assign(wanted, spare);
    if (!mappings.empty()) send_video_map(channel_, mappings);
}

void VideoOutput::apply_targets(std::span<const OfferedSource* const> offered, TimePoint now) {
    const bool accepts = sender_.formats().accepts_video;
    for (const auto* o : offered) {
        const Ssrc primary = o->snapshot.primary;
        const SourceAllocation* decided = allocation_.find(o->snapshot.name);
        const LayerIndex target = decided && accepts ? decided->target : kSuspended;
        auto it = videos_.find(primary);
        if (it == videos_.end()) {
            if (target == kSuspended) continue;
            it = videos_.emplace(primary, std::make_unique<ForwardedVideo>(*o->source, *this)).first;
        }
        extensions_[primary] = o->extensions;
        it->second->set_target(target, now);
    }
}

bool VideoOutput::send(ForwardedVideo& video, const ProjectionPacket& packet,
                       const ExtensionIds& from, Rewrite& rewrite) {
    const Ssrc primary = video.source().primary();
    std::string_view mid;
    if (rewriter_) {
        const auto start = packet.frame.starts_keyframe || !packet.frame.parsed
                               ? SsrcRewriter::Start::keyframe
                               : SsrcRewriter::Start::other;
        const StreamPosition& sent = video.projection().position();
        const TemplateIds templates{sent.template_offset, sent.template_count};
        if (!rewriter_->apply(primary, start, packet.arrival, rewrite, templates)) return false;
        mid = rewriter_->mid_of(primary);
    }
    if (!sender_.send_video(packet.rtp, from, rewrite, mid, packet.arrival)) return false;
    video.on_sending(packet.encoding);
    video.sent().insert(rewrite, packet.encoding, packet.rtp.seq(), packet.arrival);
    if (!started_video_) {
        started_video_ = true;
        trigger_.on_video_sent(packet.arrival);
    }
    return true;
}

void VideoOutput::forward_report(VideoSource& source, int encoding,
                                 const rtcp::SenderReport& report, TimePoint now) {
    const auto it = videos_.find(source.primary());
    if (it == videos_.end() || !sender_.ready()) return;
    const auto timestamp =
        it->second->projection().report_timestamp(encoding, report.rtp_timestamp);
    if (!timestamp) return;
    rtcp::SenderReport copy = report;
    copy.sender = it->second->projection().output();
    copy.rtp_timestamp = *timestamp;
    if (rewriter_) {
        const auto moved = rewriter_->report(source.primary(), *timestamp);
        if (!moved) return;
        copy.sender = moved->ssrc;
        copy.rtp_timestamp = moved->timestamp;
    }
    sender_.send_report(copy, now);
}

ForwardedVideo* VideoOutput::find_by_output(Ssrc media) {
    Ssrc primary = media;
    if (rewriter_) {
        const auto origin = rewriter_->find_origin(media);
        if (!origin) return nullptr;
        primary = origin->primary;
    }
    const auto it = videos_.find(primary);
    return it == videos_.end() ? nullptr : it->second.get();
}

std::optional<RtxTarget> VideoOutput::rtx_target(ForwardedVideo& video, std::uint8_t pt) {
    const auto rtx_pt = sender_.formats().rtx_for(pt);
    if (!rtx_pt) return std::nullopt;
    const auto ssrc = rewriter_ ? rewriter_->rtx_of(video.source().primary())
                                : video.source().signalled().encodings.front().rtx;
    if (!ssrc) return std::nullopt;
    return RtxTarget{*rtx_pt, *ssrc, rtx_sequences_[*ssrc].next()};
}

std::size_t VideoOutput::resend(Ssrc media, std::uint16_t seq, TimePoint now) {
    ForwardedVideo* video = find_by_output(media);
    if (!video || !sender_.ready()) return 0;
    const auto entry = video->sent().take_for_resend(seq, sender_.rtt().rtt(), now);
    if (!entry) return 0;
    VideoStream* stream = video->source().stream(entry->encoding);
    const auto packet = stream ? stream->history().find(entry->original_seq, now) : std::nullopt;
    if (!packet) return 0;
    const auto rtp = RtpPacket::parse(*packet);
    if (!rtp) return 0;
    // Only by RTX: the same number twice with other extensions would give away an AEAD key
    // (RFC 7714 section 8.1).
    const auto rtx = rtx_target(*video, rtp->pt());
    if (!rtx) return 0;
    const Ssrc primary = video->source().primary();
    const auto mid = rewriter_ ? rewriter_->mid_of(primary) : std::string_view{};
    const bool sent =
        sender_.resend(*rtp, *extensions_[primary], entry->rewrite, *rtx, mid, now);
    return sent ? packet->size() : 0;
}

std::size_t VideoOutput::repeat(std::size_t bytes, TimePoint now) {
    std::size_t sent = 0;
    for (auto& [primary, video] : videos_) {
        while (sent < bytes && video->projection().target() != kSuspended) {
            const auto entry = video->sent().newest();
            if (!entry) break;
            VideoStream* stream = video->source().stream(entry->encoding);
            const auto packet =
                stream ? stream->history().find(entry->original_seq, now) : std::nullopt;
            // Too long for what is left: small padding fills a narrow link more evenly.
            if (!packet || packet->size() > bytes - sent) break;
            const auto rtp = RtpPacket::parse(*packet);
            const auto rtx = rtp ? rtx_target(*video, rtp->pt()) : std::nullopt;
            if (!rtx) break;
            const auto mid = rewriter_ ? rewriter_->mid_of(primary) : std::string_view{};
            if (!sender_.resend(*rtp, *extensions_[primary], entry->rewrite, *rtx, mid, now)) break;
            sent += packet->size();
        }
    }
    return sent;
}

void VideoOutput::ask_keyframes(TimePoint now) {
    for (auto& [primary, video] : videos_) video->ask_again(now);
}

void VideoOutput::remove(VideoSource& source) {
    std::erase_if(rated_, [&source](const Rated& r) { return r.source == &source; });
    videos_.erase(source.primary());
    extensions_.erase(source.primary());
    if (rewriter_) rewriter_->remove(source.primary());
}

void VideoOutput::send_forwarded_sources() {
    channel_.send(channel::write_forwarded_sources(forwarded_));
}

void VideoOutput::send_map() {
    if (!rewriter_) return;
    const auto mappings = rewriter_->mappings();
    if (!mappings.empty()) send_video_map(channel_, mappings);
}

}  // namespace jmeet::bridge
