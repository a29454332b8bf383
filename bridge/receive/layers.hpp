// Layers of one video source as they are received: which are active, how high, how fast. This is
// what the allocation works with.
//
// EncodingLayers belongs to one stream (one SSRC); free functions look at all encodings of a
// source. Media worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "bridge/rtp/codecs/frame_info.hpp"
#include "bridge/rtp/layer_index.hpp"
#include "bridge/rtp/rate_meter.hpp"
#include "bridge/rtp/video_layers.hpp"

namespace jmeet::bridge {

// LIMIT: layers told apart in one encoding: browsers send at most 3 x 3; higher ids count as the
// highest.
inline constexpr std::size_t kMaxSpatial = 4;
inline constexpr std::size_t kMaxTemporal = 4;

// One layer as the allocation sees it.
struct LayerStatus {
    LayerIndex index = kSuspended;
    std::uint16_t height = 0;
    float fps = 0;
    std::uint64_t bitrate_bps = 0;  // with all that it depends on
};

class EncodingLayers {
 public:
    // Until packets tell: one spatial and three temporal layers of 7.5, 15 and 30 frames a second,
    // height 180, 360, 720, ... by position in the SIM group.
    explicit EncodingLayers(int encoding);

    // One media packet of this encoding; `dd` when the frame was read through a descriptor.
    // True when the layering changed: a new layer, another height, a rate that was zero.
    bool on_packet(const FrameInfo& frame, const DdParser& dd, std::size_t bytes, TimePoint now);
    // What the sender says of a layer of this encoding. True when that is news.
    bool on_allocated(const AllocatedLayer& layer);
    // True when a layer fell silent since the last time (ask from a timer).
    bool update(TimePoint now);

    int encoding() const { return encoding_; }
    int spatial_layers() const { return spatial_layers_; }
    int temporal_layers() const { return temporal_layers_; }
    std::uint16_t height(int spatial) const;
    float fps(int temporal) const;
    // Of the layer and all that it depends on, each counted once; 0 when the layer itself and
    // everything below is silent.
    std::uint64_t bitrate(int spatial, int temporal, TimePoint now);
    std::uint64_t total_bitrate(TimePoint now) { return total_.bps(now); }
    bool active(TimePoint now) { return total_.active(now); }
    // The rate of this layer alone.
    std::uint64_t own_bitrate(int spatial, int temporal, TimePoint now);
    LayerStatus status(int spatial, int temporal, TimePoint now);

 private:
    static constexpr float kAssumedRate = 30;

    void assume();
    void clear_rates();
    // Null: nothing of that layer ever came.
    RateMeter* rate(int spatial, int temporal);
    std::uint64_t bps(int spatial, int temporal, TimePoint now) {
        RateMeter* const known = rate(spatial, temporal);
        return known ? known->bps(now) : 0;
    }
    bool learn(const FrameInfo& frame, const DdParser& dd);
    bool learn_vp9(const Vp9Descriptor& descriptor);
    bool learn_structure(const DdStructure& structure);
    bool set_height(int spatial, std::uint16_t height);
    bool set_layers(int spatial, int temporal);

    int encoding_;
    int spatial_layers_ = 1;
    int temporal_layers_ = 3;
    bool inter_layer_ = false;  // spatial layers use each other outside of key frames
    Codec codec_ = Codec::unknown;
    float full_rate_ = kAssumedRate;  // frames a second of all temporal layers
    std::array<std::uint16_t, kMaxSpatial> heights_{};
    std::uint16_t active_mask_ = 0;  // bit spatial * kMaxTemporal + temporal
    struct LayerRate {
        int layer;
        RateMeter meter;
    };
    std::vector<LayerRate> rates_;  // of layers that have come; most streams have few
    RateMeter total_;
};

// Bitrate of a layer of the source; when that layer is silent, of the next lower index that is
// not. `encodings` in the order of the SIM group.
std::uint64_t layer_bitrate(std::span<EncodingLayers* const> encodings, LayerIndex index,
                            TimePoint now);
// All layers of the source in index order, at most out.size(). Returns how many.
std::size_t list_layers(std::span<EncodingLayers* const> encodings, TimePoint now,
                        std::span<LayerStatus> out);

}  // namespace jmeet::bridge
