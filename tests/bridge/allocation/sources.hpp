// Sources as the allocation tables use them: cumulative bitrates of 3 encodings x 3 temporal
// layers, and a VP9 screen share whose three layers have one height.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "bridge/allocation/allocation.hpp"

namespace jmeet::bridge::test {

inline SourceName source_name(const std::string& endpoint) { return SourceName(endpoint + "-v0"); }

inline std::vector<SourceName> names(std::initializer_list<const char*> endpoints) {
    std::vector<SourceName> out;
    for (const char* e : endpoints) out.push_back(source_name(e));
    return out;
}

inline SourceSnapshot camera(const std::string& endpoint) {
    static constexpr std::uint64_t kRates[] = {49'500,  99'000,  150'000,   165'000, 330'000,
                                               500'000, 660'000, 1'320'000, 2'000'000};
    SourceSnapshot s;
    s.name = source_name(endpoint);
    s.owner = EndpointId(endpoint);
    s.primary = Ssrc(static_cast<std::uint32_t>(endpoint[0]));
    s.layers = assumed_layers(3);
    for (std::size_t i = 0; i < s.layers.size(); ++i) s.layers[i].bitrate = kRates[i];
    return s;
}

inline SourceSnapshot vp9_desktop(const std::string& endpoint) {
    SourceSnapshot s = camera(endpoint);
    s.video_type = VideoType::desktop;
    s.layers = {{layer_index(0, 0, 0), 720, -1, 150'000},
                {layer_index(0, 1, 0), 720, -1, 370'000},
                {layer_index(0, 2, 0), 720, -1, 750'000}};
    return s;
}

// l7 l15 l30 s7 ... h30 for simulcast, l1 l2 l3 for the VP9 screen share, - for nothing.
inline std::string layer_name(const SourceSnapshot& source, LayerIndex index) {
    if (index == kSuspended) return "-";
    for (std::size_t i = 0; i < source.layers.size(); ++i) {
        const Layer& l = source.layers[i];
        if (l.index != index) continue;
        if (l.frame_rate < 0) return "l" + std::to_string(i + 1);
        const std::string size = l.height <= 180 ? "l" : l.height <= 360 ? "s" : "h";
        return size + std::to_string(static_cast<int>(l.frame_rate));
    }
    return "?";
}

}  // namespace jmeet::bridge::test
