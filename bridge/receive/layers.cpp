#include "bridge/receive/layers.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr std::uint16_t kLowestHeight = 180;
constexpr int kMaxHeightShift = 6;
constexpr int kAssumedTemporal = 3;

int mask_bit(int spatial, int temporal) {
    return spatial * static_cast<int>(kMaxTemporal) + temporal;
}
int clamp_spatial(int id) { return std::clamp(id, 0, static_cast<int>(kMaxSpatial) - 1); }
int clamp_temporal(int id) { return std::clamp(id, 0, static_cast<int>(kMaxTemporal) - 1); }

// A source whose codec says nothing of layers has one.
bool layered(const FrameInfo& frame) { return frame.parsed; }

}  // namespace

EncodingLayers::EncodingLayers(int encoding) : encoding_(encoding) { assume(); }

void EncodingLayers::assume() {
    spatial_layers_ = 1;
    temporal_layers_ = kAssumedTemporal;
    inter_layer_ = false;
    full_rate_ = kAssumedRate;
    heights_.fill(0);
    heights_[0] = static_cast<std::uint16_t>(kLowestHeight << std::min(encoding_, kMaxHeightShift));
}

bool EncodingLayers::on_packet(const FrameInfo& frame, const DdParser& dd, std::size_t bytes,
                               TimePoint now) {
    bool changed = false;
    if (codec_ != frame.codec) {
        changed = codec_ != Codec::unknown;
        codec_ = frame.codec;
        assume();
        if (changed) clear_rates();
    }
    if (layered(frame) && learn(frame, dd)) changed = true;
    const int spatial = clamp_spatial(frame.spatial);
    const int temporal = clamp_temporal(frame.temporal);
    if (set_layers(std::max(spatial_layers_, spatial + 1),
                   std::max(temporal_layers_, temporal + 1))) {
        changed = true;
    }
    total_.add(bytes, now);
    RateMeter* meter = rate(spatial, temporal);
    if (!meter) {
        meter = &rates_.emplace_back(LayerRate{mask_bit(spatial, temporal), RateMeter{}}).meter;
    }
    meter->add(bytes, now);
    const auto bit = static_cast<std::uint16_t>(1u << mask_bit(spatial, temporal));
    if (!(active_mask_ & bit)) changed = true;
    active_mask_ = static_cast<std::uint16_t>(active_mask_ | bit);
    return changed;
}

bool EncodingLayers::on_allocated(const AllocatedLayer& layer) {
    bool changed = set_layers(std::max(spatial_layers_, clamp_spatial(layer.spatial) + 1),
                              clamp_temporal(layer.temporal_layers - 1) + 1);
    if (set_height(clamp_spatial(layer.spatial), std::min(layer.width, layer.height))) {
        changed = true;
    }
    if (layer.fps != 0 && full_rate_ != static_cast<float>(layer.fps)) {
        full_rate_ = layer.fps;
        changed = true;
    }
    return changed;
}

void EncodingLayers::clear_rates() {
    rates_.clear();
    active_mask_ = 0;
}

RateMeter* EncodingLayers::rate(int spatial, int temporal) {
    for (LayerRate& known : rates_) {
        if (known.layer == mask_bit(spatial, temporal)) return &known.meter;
    }
    return nullptr;
}

bool EncodingLayers::learn(const FrameInfo& frame, const DdParser& dd) {
    if (const Vp8Descriptor* d = frame.vp8()) {
        return d->starts_keyframe && d->height && set_height(0, d->height);
    }
    if (const Vp9Descriptor* d = frame.vp9()) return learn_vp9(*d);
    if (const DependencyDescriptor* d = frame.dd()) {
        return d->has_structure && learn_structure(dd.structure());
    }
    return false;
}

bool EncodingLayers::learn_vp9(const Vp9Descriptor& d) {
    bool changed = false;
    if (d.inter_picture_predicted && d.spatial > 0) inter_layer_ = d.inter_layer_dependency;
    if (!d.scalability) return false;
    const Vp9Scalability& s = *d.scalability;
    const int temporal = s.temporal_layers ? clamp_temporal(s.temporal_layers - 1) + 1
                                           : temporal_layers_;
    changed = set_layers(clamp_spatial(s.spatial_layers - 1) + 1, temporal);
    for (int i = 0; s.has_sizes && i < spatial_layers_; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (set_height(i, std::min(s.width[at], s.height[at]))) changed = true;
    }
    return changed;
}

bool EncodingLayers::learn_structure(const DdStructure& s) {
    bool changed = set_layers(clamp_spatial(s.spatial_layers - 1) + 1,
                              clamp_temporal(s.temporal_layers - 1) + 1);
    // A frame of an upper layer with two references looks back and down: the layers depend on each
    // other outside of key pictures too.
    inter_layer_ = false;
    for (int i = 0; i < s.template_count; ++i) {
        const DdTemplate& t = s.templates[static_cast<std::size_t>(i)];
        if (t.spatial == 0 || t.reference_count < 2) continue;
        inter_layer_ = true;
    }
    for (int i = 0; s.has_resolutions && i < spatial_layers_; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (set_height(i, std::min(s.width[at], s.height[at]))) changed = true;
    }
    return changed;
}

bool EncodingLayers::set_height(int spatial, std::uint16_t height) {
    std::uint16_t& known = heights_[static_cast<std::size_t>(spatial)];
    if (height == 0 || known == height) return false;
    known = height;
    return true;
}

bool EncodingLayers::set_layers(int spatial, int temporal) {
    if (spatial == spatial_layers_ && temporal == temporal_layers_) return false;
    spatial_layers_ = spatial;
    temporal_layers_ = temporal;
    return true;
}

bool EncodingLayers::update(TimePoint now) {
    std::uint16_t mask = 0;
    for (LayerRate& known : rates_) {
        if (known.meter.active(now)) mask = static_cast<std::uint16_t>(mask | (1u << known.layer));
    }
    const bool changed = mask != active_mask_;
    active_mask_ = mask;
    return changed;
}

// A layer whose height is not known is twice as high as the one below.
std::uint16_t EncodingLayers::height(int spatial) const {
    for (int s = clamp_spatial(spatial); s > 0; --s) {
        const std::uint16_t known = heights_[static_cast<std::size_t>(s)];
        if (known) return static_cast<std::uint16_t>(known << (clamp_spatial(spatial) - s));
    }
    return static_cast<std::uint16_t>(heights_[0] << clamp_spatial(spatial));
}

float EncodingLayers::fps(int temporal) const {
    const int above = std::max(0, temporal_layers_ - 1 - clamp_temporal(temporal));
    return full_rate_ / static_cast<float>(1 << above);
}

std::uint64_t EncodingLayers::own_bitrate(int spatial, int temporal, TimePoint now) {
    return bps(clamp_spatial(spatial), clamp_temporal(temporal), now);
}

std::uint64_t EncodingLayers::bitrate(int spatial, int temporal, TimePoint now) {
    const int top = clamp_spatial(spatial);
    for (int s = top; s >= 0; --s) {
        std::uint64_t sum = 0;
        for (int from = inter_layer_ ? 0 : s; from <= s; ++from) {
            for (int t = 0; t <= clamp_temporal(temporal); ++t) sum += bps(from, t, now);
        }
        if (sum) return sum;
    }
    return 0;
}

LayerStatus EncodingLayers::status(int spatial, int temporal, TimePoint now) {
    return {layer_index(encoding_, spatial, temporal), height(spatial), fps(temporal),
            bitrate(spatial, temporal, now)};
}

std::uint64_t layer_bitrate(std::span<EncodingLayers* const> encodings, LayerIndex index,
                            TimePoint now) {
    if (index < 0) return 0;
    int spatial = spatial_of(index);
    int temporal = temporal_of(index);
    for (int e = encoding_of(index); e >= 0; --e) {
        if (static_cast<std::size_t>(e) < encodings.size()) {
            const std::uint64_t rate =
                encodings[static_cast<std::size_t>(e)]->bitrate(spatial, temporal, now);
            if (rate) return rate;
        }
        spatial = static_cast<int>(kMaxSpatial) - 1;  // the top of the next encoding below
        temporal = static_cast<int>(kMaxTemporal) - 1;
    }
    return 0;
}

std::size_t list_layers(std::span<EncodingLayers* const> encodings, TimePoint now,
                        std::span<LayerStatus> out) {
    std::size_t count = 0;
    for (EncodingLayers* layers : encodings) {
        for (int s = 0; s < layers->spatial_layers(); ++s) {
            for (int t = 0; t < layers->temporal_layers(); ++t) {
                if (count == out.size()) return count;
                out[count++] = layers->status(s, t, now);
            }
        }
    }
    return count;
}

}  // namespace jmeet::bridge
