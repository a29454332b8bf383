#include "bridge/video_source.hpp"

#include <algorithm>
#include <array>

namespace jmeet::bridge {

VideoSource::VideoSource(MediaSource signalled, KeyframeAsker& sender)
    : signalled_(std::move(signalled)), sender_(sender) {
    int position = 0;
    for (const auto& encoding : signalled_.encodings) {
        streams_.push_back(std::make_unique<VideoStream>(encoding, position++));
    }
}

VideoStream* VideoSource::stream(int encoding) {
    const auto at = static_cast<std::size_t>(encoding);
    return encoding >= 0 && at < streams_.size() ? streams_[at].get() : nullptr;
}

int VideoSource::position_of(Ssrc primary) const {
    for (const auto& stream : streams_) {
        if (stream->primary() == primary) return stream->position();
    }
    return -1;
}

bool VideoSource::on_allocated(const VideoLayers& layers) {
    bool changed = false;
    for (const AllocatedLayer& layer : layers.all()) {
        VideoStream* const of = stream(layer.stream);
        if (of && of->layers().on_allocated(layer)) changed = true;
    }
    return changed;
}

bool VideoSource::sending(TimePoint now) {
    return std::any_of(streams_.begin(), streams_.end(),
                       [now](const auto& s) { return s->layers().active(now); });
}

void VideoSource::ask_keyframe(RequesterId who, TimePoint now) {
    if (!back_off_.allows(last_media_, now)) return;
    if (sender_.ask_keyframe(who, primary(), now) != KeyframeAsker::Asked::yes) return;
    back_off_.on_asked(last_media_, now);
    for (const auto& stream : streams_) stream->on_keyframe_asked(now);
}

std::span<EncodingLayers* const> VideoSource::encodings(Encodings& out) {
    std::size_t count = 0;
    // SVC is signalled like simulcast, but only the first SSRC ever carries it: the others'
    // assumed layers would hide the learnt ones.
    const bool svc = streams_.front()->layers().spatial_layers() > 1;
    for (const auto& stream : streams_) {
        if (count == out.size()) break;
        if (svc && stream != streams_.front() && stream->last_arrival() == TimePoint{}) continue;
        out[count++] = &stream->layers();
    }
    return std::span(out).first(count);
}

std::uint64_t VideoSource::bitrate(LayerIndex layer, TimePoint now) {
    Encodings all{};
    return layer_bitrate(encodings(all), layer, now);
}

SourceSnapshot VideoSource::snapshot(TimePoint now) {
    SourceSnapshot out;
    out.name = name();
    out.owner = owner();
    out.primary = primary();
    out.video_type = type();
    Encodings all{};
    std::array<LayerStatus, kMaxLayersPerSource> layers;
    const std::size_t n = list_layers(encodings(all), now, layers);
    for (const auto& layer : std::span(layers).first(n)) {
        out.layers.push_back({layer.index, layer.height, layer.fps, layer.bitrate_bps});
    }
    return out;
}

void VideoSource::attach(ForwardedVideo& target) {
    if (std::find(targets_.begin(), targets_.end(), &target) == targets_.end()) {
        targets_.push_back(&target);
    }
}

void VideoSource::detach(ForwardedVideo& target) { std::erase(targets_, &target); }

}  // namespace jmeet::bridge
