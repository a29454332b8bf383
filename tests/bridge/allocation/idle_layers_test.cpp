#include <doctest/doctest.h>

#include "bridge/allocation/allocation.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

// Cameras without temporal layers: the upper two of each encoding cost nothing more. A step that
// costs nothing must not look like the end of all steps.
TEST_CASE("encodings without temporal layers are climbed to the wanted height") {
    SourceSnapshot source;
    source.name = SourceName("a-v0");
    source.owner = EndpointId("a");
    source.primary = Ssrc(1);
    const std::uint64_t rates[] = {90'000, 220'000, 350'000};
    for (int e = 0; e < 3; ++e) {
        for (int t = 0; t < 3; ++t) {
            source.layers.push_back(
                {layer_index(e, 0, t), 180 << e, 7.5 * (1 << t), rates[e]});
        }
    }
    const AllocationConfig config;
    ReceiverSettings settings(config);
    ReceiverSettingsUpdate update;
    update.default_constraints = VideoConstraints{720, VideoConstraints::kUnlimited};
    settings.apply(update);
    const SourceSnapshot* only = &source;
    const auto allocation = allocate({&only, 1}, settings, {}, kUnlimitedBandwidth, config);
    REQUIRE(allocation.sources.size() == 1);
    CHECK(allocation.sources[0].target == layer_index(2, 0, 2));
    CHECK(allocation.sources[0].reason == AllocationReason::ideal);
}
