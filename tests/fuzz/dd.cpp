// Dependency descriptors of one stream, in the order of arrival, and the choice of layers from them.
// Input: the wanted layers, then each descriptor with its length before it.
#include <algorithm>
#include <cstdlib>

#include "bridge/forward/dd_filter.hpp"
#include "bridge/rtp/codecs/av1.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const DependencyDescriptor& d, const DdStructure& s) {
    require(d.spatial < kMaxDdSpatialLayers && d.temporal < 8);
    require(d.reference_count <= kMaxDdReferences);
    require(s.decode_targets <= kMaxDdDecodeTargets && s.template_count <= kMaxDdTemplates);
    require(d.decode_targets == s.decode_targets);
    require(d.spatial < s.spatial_layers && d.temporal < s.temporal_layers);
    for (std::size_t i = 0; i < s.decode_targets; ++i) {
        require(s.target_spatial[i] < s.spatial_layers && s.target_temporal[i] < s.temporal_layers);
        require(s.chains == 0 || s.protected_by[i] < s.chains);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    ByteReader in({data, size});
    const std::uint8_t wanted = in.u8();
    const DdFilter::Target target{wanted & 3, wanted >> 2 & 3,
                                  static_cast<EncodingSwitch::Pending>((wanted >> 4) % 3)};
    DdParser parser;
    DdFilter filter;
    FrameLog log(16);
    while (in.remaining() > 0) {
        const BytesView bytes = in.bytes(std::min<std::size_t>(in.u8(), in.remaining()));
        const auto d = parser.parse(bytes);
        const auto start = parse_dd_start(bytes);
        if (!d) continue;
        require(start && start->frame_number == d->frame_number);
        const DdStructure& structure = parser.structure_of(*d);
        check(*d, structure);
        if (!d->start_of_frame) continue;
        const LayerDecision decision = filter.decide(*d, structure, target, log);
        log.add(d->frame_number, d->temporal, d->has_structure,
                decision.forward ? FrameLog::Fate::accepted : FrameLog::Fate::refused);
        // Without the structure nothing that follows can be read.
        require(!d->has_structure || decision.forward || d->active_decode_targets == 0u);
        filter.ends_picture(*d, structure);
        if (filter.mask_due() && filter.decode_target() < structure.decode_targets) {
            const std::uint32_t mask = filter.take_mask(structure);
            require(structure.decode_targets == 32 || mask >> structure.decode_targets == 0);
        }
    }
    return 0;
}
