// VP9 payload descriptors of one stream, in the order of arrival, and the choice of layers from
// them. Input: the wanted layers, then each payload with its length before it.
#include <algorithm>
#include <cstdlib>

#include "bridge/forward/vp9_filter.hpp"
#include "bridge/rtp/codecs/vp9.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const Vp9Descriptor& d, BytesView payload) {
    require(d.size >= 1 && d.size < payload.size());
    require(d.spatial < kMaxVp9SpatialLayers && d.temporal < 8);
    require(d.tl0picidx.has_value() == (d.has_layer && !d.flexible));
    require(!d.picture_id || *d.picture_id < (d.long_picture_id ? 0x8000 : 0x80));
    if (d.scalability) {
        require(d.scalability->spatial_layers >= 1);
        require(d.scalability->spatial_layers <= kMaxVp9SpatialLayers);
        require(d.scalability->temporal_layers <= 8);
    }
    // It ends where it says: without the byte behind it, it is cut; with only that, it is whole.
    require(!Vp9Descriptor::parse(payload.first(d.size)));
    const auto again = Vp9Descriptor::parse(payload.first(d.size + 1u));
    require(again && again->size == d.size && again->picture_id == d.picture_id);
    require(again->starts_keyframe() == d.starts_keyframe());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    ByteReader in({data, size});
    const std::uint8_t wanted = in.u8();
    const Vp9Filter::Target target{wanted & 7, wanted >> 3 & 7,
                                   static_cast<EncodingSwitch::Pending>((wanted >> 6) % 3)};
    Vp9Filter filter;
    while (in.remaining() > 0) {
        const BytesView payload = in.bytes(std::min<std::size_t>(in.u8(), in.remaining()));
        const auto d = Vp9Descriptor::parse(payload);
        if (!d) continue;
        check(*d, payload);
        const LayerDecision decision = filter.decide(*d, target);
        // What needs nothing before it is never refused on the base layer.
        require(!d->starts_keyframe() || d->inter_layer_dependency || d->temporal != 0 ||
                decision.forward);
        require(!filter.ends_picture(*d, target) || d->end_of_frame);
    }
    return 0;
}
