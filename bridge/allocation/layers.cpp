#include "bridge/allocation/layers.hpp"

#include <algorithm>

#include "bridge/allocation/config.hpp"

namespace jmeet::bridge {

namespace {

bool any_active(std::span<const Layer> layers) {
    return std::any_of(layers.begin(), layers.end(), [](const Layer& l) { return l.bitrate > 0; });
}

int lowest_height(std::span<const Layer> layers) {
    int lowest = layers.front().height;
    for (const Layer& l : layers) lowest = std::min(lowest, l.height);
    return lowest;
}

bool within(const Layer& layer, std::int32_t max_height) {
    return max_height < 0 || layer.height <= max_height;
}

// Frame rate up to a usable height first, then height: a face that moves beats a sharp still.
ConsideredLayers consider_camera(std::span<const Layer> layers, std::int32_t max_height,
                                 const AllocationConfig& config) {
    int preferred_height = -1;
    double preferred_rate = -1;
    if (max_height < 0 || max_height > 180) {
        preferred_height = config.onstage_preferred_height;
        preferred_rate = config.onstage_preferred_frame_rate;
    }
    double highest_rate = -1;
    for (const Layer& l : layers) highest_rate = std::max(highest_rate, l.frame_rate);
    if (highest_rate > 0) preferred_rate = std::min(preferred_rate, highest_rate);
    const int lowest = lowest_height(layers);
    const bool active_only = any_active(layers);

    ConsideredLayers out;
    for (const Layer& l : layers) {
        if (active_only && l.bitrate == 0) continue;
        const bool fast_enough = l.frame_rate < 0 || l.frame_rate >= preferred_rate;
        const bool keep = l.height < preferred_height || l.height == lowest ||
                          (within(l, max_height) && fast_enough);
        if (keep) out.layers.push_back(l);
    }
    const int limit = std::max(preferred_height, lowest);
    for (std::size_t i = 0; i < out.layers.size(); ++i) {
        if (out.layers[i].height <= limit) out.preferred = static_cast<int>(i);
    }
    return out;
}

int cheapest_of_greatest_height(const std::vector<Layer>& layers) {
    int best = 0;
    for (int i = 1; i < static_cast<int>(layers.size()); ++i) {
        const bool higher = layers[i].height > layers[best].height;
        const bool cheaper =
            layers[i].height == layers[best].height && layers[i].bitrate < layers[best].bitrate;
        if (higher || cheaper) best = i;
    }
    return best;
}

// Height first, then frame rate: text must be readable before it scrolls smoothly.
ConsideredLayers consider_desktop(std::span<const Layer> layers, std::int32_t max_height,
                                  Stage stage, const AllocationConfig& config) {
    const bool active_only = any_active(layers);
    std::vector<Layer> usable;
    for (const Layer& l : layers) {
        if (!active_only || l.bitrate > 0) usable.push_back(l);
    }
    ConsideredLayers out;
    std::copy_if(usable.begin(), usable.end(), std::back_inserter(out.layers),
                 [&](const Layer& l) { return within(l, max_height); });
    if (out.layers.empty()) {
        const int lowest = lowest_height(usable);
        std::copy_if(usable.begin(), usable.end(), std::back_inserter(out.layers),
                     [&](const Layer& l) { return l.height == lowest; });
        // VP9 layers of one height and unknown rate: a thumbnail needs the first one only.
        if (stage == Stage::off && out.layers.front().frame_rate < 0) out.layers.resize(1);
    }
    out.preferred = static_cast<int>(out.layers.size()) - 1;
    if (stage == Stage::on && config.allow_oversend_onstage) {
        out.oversend = cheapest_of_greatest_height(out.layers);
    }
    return out;
}

}  // namespace

ConsideredLayers consider_layers(std::span<const Layer> layers, VideoType type,
                                 const VideoConstraints& constraints, Stage stage,
                                 const AllocationConfig& config) {
    if (constraints.disabled() || layers.empty()) return {};
    switch (type) {
        case VideoType::camera:
            return consider_camera(layers, constraints.max_height, config);
        case VideoType::desktop:
        case VideoType::desktop_high_fps:
            return consider_desktop(layers, constraints.max_height, stage, config);
        case VideoType::none:
        case VideoType::disabled:
            break;
    }
    return {};
}

std::vector<Layer> assumed_layers(std::size_t encodings) {
    std::vector<Layer> out;
    const std::size_t n = std::min<std::size_t>(encodings, 8);
    for (std::size_t e = 0; e < n; ++e) {
        for (int t = 0; t < 3; ++t) {
            Layer layer;
            layer.index = layer_index(static_cast<int>(e), -1, t);
            layer.height = 180 << e;
            layer.frame_rate = 7.5 * (1 << t);
            out.push_back(layer);
        }
    }
    return out;
}

}  // namespace jmeet::bridge
