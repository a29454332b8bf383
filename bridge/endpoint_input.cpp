#include "bridge/endpoint_input.hpp"

#include <algorithm>

#include "bridge/arrived_video.hpp"
#include "bridge/colibri_media.hpp"

namespace jmeet::bridge {

EndpointInput::EndpointInput(const EndpointSetup& setup, EndpointTransport& transport,
                             LoopServices& services, InputSink& sink, Ssrc own_video,
                             TimePoint now)
    : id_(setup.id),
      transport_(transport),
      services_(services),
      sink_(sink),
      own_video_(own_video),
      created_(now) {}

void EndpointInput::set_formats(std::shared_ptr<const MediaFormats> formats) {
    formats_ = std::move(formats);
    keyframes_.set_support(formats_->pli, true);
    if (!formats_->remb || formats_->transport_cc) {
        remb_.reset();
    } else if (!remb_) {
        remb_ = std::make_unique<RembFeedback>();
    }
}

void EndpointInput::set_rtt(std::optional<Duration> rtt) {
    keyframes_.set_rtt(rtt);
    if (remb_ && rtt) remb_->on_rtt(*rtt);
}

EndpointInput::SourceChange EndpointInput::set_sources(std::vector<MediaSource> sources) {
    SourceChange change;
    std::unordered_map<Ssrc, Audio> audio;
    std::vector<std::unique_ptr<VideoSource>> videos;
    for (auto& source : sources) {
        const Ssrc first = source.encodings.front().primary;
        if (source.type == MediaType::audio) {
            const auto known = audio_.find(first);
            if (known != audio_.end()) {
                audio.emplace(first, std::move(known->second));
                audio_.erase(known);
            } else {
                audio.emplace(first, Audio{source.name, AudioStream(first)});
                change.audio_added.push_back(std::move(source));
            }
            continue;
        }
        const auto known = std::find_if(videos_.begin(), videos_.end(), [first](const auto& v) {
            return v && v->primary() == first;
        });
        if (known != videos_.end()) {
            videos.push_back(std::move(*known));
        } else {
            const auto said = video_types_.find(source.name);
            if (said != video_types_.end()) source.video_type = said->second;
            videos.push_back(std::make_unique<VideoSource>(std::move(source), *this));
            change.video_added = true;
        }
    }
    for (const auto& [ssrc, gone] : audio_) change.audio_removed.push_back(ssrc);
    for (auto& gone : videos_) {
        if (gone) change.video_removed.push_back(std::move(gone));
    }
    audio_ = std::move(audio);
    videos_ = std::move(videos);
    routes_.clear();
    for (const auto& video : videos_) {
        for (const auto& stream : video->streams()) {
            routes_[stream->primary()] = {video.get(), stream.get()};
            if (stream->rtx()) routes_[*stream->rtx()] = {video.get(), stream.get()};
        }
    }
    return change;
}

bool EndpointInput::set_video_type(const SourceName& name, VideoType type) {
    const auto known = video_types_.find(name);
    if (known != video_types_.end()) {
        known->second = type;
    } else if (video_types_.size() < kMaxSourcesPerEndpoint) {
        video_types_.emplace(name, type);
    }
    VideoSource* source = find_video(name);
    if (!source || source->type() == type) return false;
    source->set_type(type);
    return true;
}

bool EndpointInput::has_video() const {
    return std::any_of(videos_.begin(), videos_.end(),
                       [](const auto& v) { return sends_video(v->type()); });
}

void EndpointInput::on_rtp(PacketPtr packet, TimePoint now) {
    auto rtp = RtpPacket::parse(packet.view());
    if (!rtp) {
        services_.drops.add(DropReason::rtp_malformed);
        return;
    }
    const NegotiatedFormat* format = formats_->find(rtp->pt());
    if (!format) {
        services_.drops.add(DropReason::rtp_unknown_payload_type);
        return;
    }
    ++services_.counters.rtp_received;
    last_media_ = now;
    if (next_tick_ == TimePoint::max()) next_tick_ = now + kActiveTick;
    note_transport_seq(*rtp, now);
    if (remb_) note_send_time(*rtp, now);
    if (format->media == MediaType::audio) {
        on_audio(packet, *rtp, now);
    } else {
        on_video(packet, *rtp, *format, now);
    }
}

void EndpointInput::note_transport_seq(const RtpPacket& rtp, TimePoint now) {
    if (!formats_->transport_cc) return;
    const auto seq = find_transport_seq(rtp, formats_->extensions[Extension::transport_cc]);
    if (seq && transport_cc_.on_packet(*seq, rtp.ssrc(), rtp.marker(), now)) {
        send_transport_feedback(now);
    }
}

void EndpointInput::note_send_time(const RtpPacket& rtp, TimePoint now) {
    const auto sent = find_abs_send_time(rtp, formats_->extensions[Extension::abs_send_time]);
    if (sent) remb_->on_packet(rtp.ssrc(), *sent, rtp.bytes().size(), now);
}

void EndpointInput::send_transport_feedback(TimePoint now) {
    std::array<std::uint8_t, rtcp::kMaxCompound> block;
    // LIMIT: packets of one feedback; more gaps than that are a sender's nonsense.
    for (int i = 0; i < 8; ++i) {
        const std::size_t size = transport_cc_.write_feedback(own_video_, now, block);
        if (size == 0) return;
        transport_.send_rtcp(BytesView(block).first(size));
    }
}

void EndpointInput::on_audio(PacketPtr& packet, RtpPacket& rtp, TimePoint now) {
    const auto it = audio_.find(rtp.ssrc());
    if (it == audio_.end()) {
        services_.drops.add(DropReason::rtp_unsignalled_source);
        return;
    }
    if (!it->second.rate.take(now)) {
        services_.drops.add(DropReason::rtp_source_over_rate);
        return;
    }
    audio_rate_.add(now);
    const auto level = find_audio_level(rtp, formats_->extensions[Extension::audio_level]);
    const auto decision =
        filter_.on_packet(level ? std::optional(level->level) : std::nullopt,
                           mute_.audio ? AudioMute::forced : AudioMute::off);
    const bool routed = !decision.loudness ||
                        sink_.on_level(*this, it->second.name, *decision.loudness, now);
    const auto use = decision.verdict == AudioVerdict::forward && routed
                         ? AudioStream::Use::keep
                         : AudioStream::Use::discard;
    const auto verdict = it->second.stream.on_packet(packet, rtp, use, now);
    if (decision.verdict == AudioVerdict::drop_forced_mute) {
        services_.drops.add(DropReason::rtp_force_muted);
    } else if (!routed) {
        services_.drops.add(DropReason::rtp_not_loudest);
    } else if (verdict != ReceiveVerdict::forward) {
        count_drop(verdict);
    } else {
        sink_.on_audio(*this, rtp, it->second.name, now);
    }
}

void EndpointInput::on_video(PacketPtr& packet, RtpPacket& rtp, const NegotiatedFormat& format,
                             TimePoint now) {
    if (mute_.video) {
        services_.drops.add(DropReason::rtp_force_muted);
        return;
    }
    const auto it = routes_.find(rtp.ssrc());
    if (it == routes_.end()) {
        services_.drops.add(DropReason::rtp_unknown_ssrc);
        return;
    }
    const auto [source, stream] = it->second;
    const NegotiatedFormat* media = &format;
    if (format.format.codec == Codec::rtx) {
        media = format.format.rtx_apt ? formats_->find(*format.format.rtx_apt) : nullptr;
    }
    FrameInfo frame;
    const VideoStream::Arrived arrived{
        &format.format, media ? &media->format : nullptr,
        formats_->extensions[Extension::dependency_descriptor],
        formats_->extensions[Extension::frame_marking]};
    const auto verdict = stream->on_packet(packet, rtp, arrived, frame, now);
    if (verdict == ReceiveVerdict::forward) {
        source->on_media(now);
        if (frame.starts_keyframe) ++services_.counters.keyframes_received;
        video_rate_.add(now);
        const auto said =
            rtp.find_extension(formats_->extensions[Extension::video_layers_allocation]);
        const auto layers = said ? VideoLayers::parse(*said) : std::nullopt;
        const bool news = layers && source->on_allocated(*layers);
        if (stream->take_layering_changed() || news) {
            ++services_.counters.layering_changes_received;
            sink_.on_layering_changed();
        }
        const DdStructure* const structure =
            frame.dd() ? &stream->dependency().structure_of(*frame.dd()) : nullptr;
        services_.arrived.add({source, std::move(packet), rtp, frame, stream->position(), structure,
                               &formats_->extensions, now});
    } else {
        count_drop(verdict);
    }
    const auto due = stream->nack().next_due();
    if (due && *due <= now) send_nack(*stream, now);
}

void EndpointInput::count_drop(ReceiveVerdict verdict) {
    DropReason reason = DropReason::rtp_malformed;
    switch (verdict) {
        case ReceiveVerdict::forward: return;
        case ReceiveVerdict::silence: reason = DropReason::rtp_silence; break;
        case ReceiveVerdict::probe: reason = DropReason::rtp_probe; break;
        case ReceiveVerdict::padding_only: reason = DropReason::rtp_padding_only; break;
        case ReceiveVerdict::fec: reason = DropReason::rtp_fec; break;
        case ReceiveVerdict::duplicate: reason = DropReason::rtp_duplicate; break;
        case ReceiveVerdict::unknown_rtx: reason = DropReason::rtp_unknown_ssrc; break;
        case ReceiveVerdict::malformed: break;
    }
    services_.drops.add(reason);
}

void EndpointInput::send_nack(VideoStream& stream, TimePoint now) {
    std::array<std::uint8_t, rtcp::kMaxCompound> block;
    const std::size_t size = stream.write_nack(own_video_, now, block);
    if (size != 0 && transport_.send_rtcp(BytesView(block).first(size))) {
        ++services_.counters.nacks_sent;
    }
}

void EndpointInput::on_sender_report(const rtcp::SenderReport& report, TimePoint now) {
    const auto audio = audio_.find(report.sender);
    if (audio != audio_.end()) audio->second.stream.statistics().on_sender_report(report, now);
    const auto video = routes_.find(report.sender);
    if (video != routes_.end() && video->second.stream->primary() == report.sender) {
        video->second.stream->statistics().on_sender_report(report, now);
    }
}

KeyframeAsker::Asked EndpointInput::ask_keyframe(RequesterId who, Ssrc ssrc, TimePoint now) {
    if (!transport_.ready()) return Asked::not_now;
    const auto request = keyframes_.request(who, ssrc, now);
    if (!request) return Asked::not_now;
    std::array<std::uint8_t, 64> block;
    const std::size_t size = KeyframeRequester::write(*request, own_video_, block);
    if (size == 0 || !transport_.send_rtcp(BytesView(block).first(size))) return Asked::not_now;
    ++services_.counters.keyframe_requests_sent;
    return Asked::yes;
}

void EndpointInput::send_receiver_reports(TimePoint now) {
    // LIMIT: streams in one report round; the focus allows 20 SSRCs a participant.
    std::array<StreamStatistics*, 64> streams;
    std::size_t count = 0;
    for (auto& [ssrc, audio] : audio_) {
        if (count < streams.size()) streams[count++] = &audio.stream.statistics();
    }
    for (const auto& video : videos_) {
        for (const auto& stream : video->streams()) {
            if (count < streams.size()) streams[count++] = &stream->statistics();
        }
    }
    count_losses(std::span(streams).first(count));
    std::array<std::uint8_t, rtcp::kMaxCompound> block;
    std::size_t size = reports_.write(own_video_, std::span(streams).first(count), now, block);
    if (size != 0 && remb_) size += remb_->write(own_video_, now, Bytes(block).subspan(size));
    if (size != 0) transport_.send_rtcp(BytesView(block).first(size));
}

void EndpointInput::count_losses(std::span<StreamStatistics* const> streams) {
    std::int64_t lost = 0;
    for (const auto* stream : streams) lost += std::max(0, stream->cumulative_lost());
    // A late packet or a stream that went takes something back: counted nowhere.
    if (lost > lost_) {
        services_.counters.rtp_lost_incoming += static_cast<std::uint64_t>(lost - lost_);
    }
    lost_ = lost;
}

void EndpointInput::tick(TimePoint now) {
    if (now < next_tick_) return;
    if (transport_cc_.due(now)) send_transport_feedback(now);
    if (reports_.due(now)) send_receiver_reports(now);
    if (keyframes_due_ && *keyframes_due_ <= now) {
        keyframes_due_.reset();
        for (const auto& video : videos_) {
            if (sends_video(video->type())) ask_keyframe(0, video->primary(), now);
        }
    }
    const bool check_layers = now - last_layer_check_ >= milliseconds(500);
    if (check_layers) last_layer_check_ = now;
    bool changed = false;
    for (const auto& video : videos_) {
        for (const auto& stream : video->streams()) {
            const auto due = stream->nack().next_due();
            if (due && *due <= now) send_nack(*stream, now);
            if (!check_layers) continue;
            changed |= stream->layers().update(now);
            stream->history().expire(now);
        }
    }
    if (changed) sink_.on_layering_changed();
    // Goes on a while after the last packet, so that layers fall silent and histories empty.
    next_tick_ = now - last_media_ < seconds(5) ? now + kActiveTick : TimePoint::max();
}

VideoSource* EndpointInput::find_video(const SourceName& name) {
    for (const auto& video : videos_) {
        if (video->name() == name) return video.get();
    }
    return nullptr;
}

VideoSource* EndpointInput::find_video_by_ssrc(Ssrc primary) {
    const auto it = routes_.find(primary);
    return it == routes_.end() ? nullptr : it->second.source;
}

bool EndpointInput::sending_audio(TimePoint now) {
    return is_sending(audio_rate_.per_second(now), 5, created_, now);
}

bool EndpointInput::sending_video(TimePoint now) {
    return is_sending(video_rate_.per_second(now), 1, created_, now);
}

void EndpointInput::add_to(MediaReport& report) {
    for (auto& [ssrc, audio] : audio_) {
        const double jitter = audio.stream.statistics().jitter_ms();
        if (jitter <= 0) continue;
        report.jitter_sum_ms += jitter;
        ++report.jitter_count;
    }
}

}  // namespace jmeet::bridge
