// Video layers allocations from the network.
#include <cstdlib>

#include "bridge/rtp/video_layers.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    const auto layers = VideoLayers::parse(bytes);
    if (!layers) return 0;
    require(layers->count <= VideoLayers::kMax && layers->own_stream < 4);
    const AllocatedLayer* before = nullptr;
    std::size_t rates = 0;
    for (const AllocatedLayer& layer : layers->all()) {
        require(layer.stream < 4 && layer.spatial < 4);
        require(layer.temporal_layers >= 1 && layer.temporal_layers <= 4);
        // In order, each once.
        require(!before || before->stream < layer.stream ||
                (before->stream == layer.stream && before->spatial < layer.spatial));
        for (std::size_t t = layer.temporal_layers; t < layer.kbps.size(); ++t) {
            require(layer.kbps[t] == 0);
        }
        require((layer.width == 0) == (layer.height == 0));
        rates += layer.temporal_layers;
        before = &layer;
    }
    // Each rate has a byte at least, and sizes are said of all or of none.
    require(layers->count == 0 || size >= 2 + rates);
    const bool sizes = before && before->width != 0;
    for (const AllocatedLayer& layer : layers->all()) require((layer.width != 0) == sizes);
    return 0;
}
