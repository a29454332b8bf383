// The one number that says which layer of a source to forward, as Jitsi's bridge counts:
// (encoding << 6) | (spatial << 3) | temporal, for dependency-descriptor streams
// (encoding << 6) | decode target. Values; any thread.
#pragma once

#include <cstdint>

namespace jmeet::bridge {

using LayerIndex = std::int32_t;
inline constexpr LayerIndex kSuspended = -1;

// Negative ids ("unknown") count as 0.
constexpr LayerIndex layer_index(int encoding, int spatial, int temporal) {
    const auto at_least_0 = [](int v) { return v < 0 ? 0 : v; };
    return (at_least_0(encoding) << 6) | (at_least_0(spatial) << 3) | at_least_0(temporal);
}
constexpr LayerIndex decode_target_index(int encoding, int decode_target) {
    return (encoding << 6) | decode_target;
}
constexpr int encoding_of(LayerIndex index) { return index < 0 ? -1 : index >> 6; }
constexpr int spatial_of(LayerIndex index) { return index < 0 ? -1 : (index >> 3) & 7; }
constexpr int temporal_of(LayerIndex index) { return index < 0 ? -1 : index & 7; }
constexpr int decode_target_of(LayerIndex index) { return index < 0 ? -1 : index & 63; }

}  // namespace jmeet::bridge
