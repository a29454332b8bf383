#include "bridge/rtp/video_layers.hpp"

#include <doctest/doctest.h>

#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// Three streams of one spatial layer and two temporal layers each, with sizes: own stream 1, a
// shared mask 1; counts 01 01 01; rates 50 100, 200 400, 1000 2000 (LEB128).
const char* const kThree = "61 54 32 64 c801 9003 e807 d00f"
                           "013f 00b3 0f 027f 0167 1e 04ff 02cf 1e";

}  // namespace

TEST_CASE("a sender says the rates, sizes and frame rates of its layers") {
    const auto bytes = from_hex(kThree);
    const auto v = VideoLayers::parse(bytes);
    REQUIRE(v);
    CHECK(v->own_stream == 1);
    REQUIRE(v->count == 3);
    const AllocatedLayer& top = v->layers[2];
    CHECK(top.stream == 2);
    CHECK(top.spatial == 0);
    CHECK(top.temporal_layers == 2);
    CHECK(top.kbps[0] == 1'000);
    CHECK(top.kbps[1] == 2'000);
    CHECK(top.width == 1'280);
    CHECK(top.height == 720);
    CHECK(top.fps == 30);
    CHECK(v->layers[0].height == 180);
    CHECK(v->layers[0].fps == 15);
}

TEST_CASE("streams with masks of their own, and a sender that sends nothing") {
    // Two streams: layers 0 and 1 of the first, layer 0 of the second; one temporal layer each.
    const auto bytes = from_hex("10 31 00 0a 14 1e");
    const auto v = VideoLayers::parse(bytes);
    REQUIRE(v);
    REQUIRE(v->count == 3);
    CHECK(v->layers[1].stream == 0);
    CHECK(v->layers[1].spatial == 1);
    CHECK(v->layers[1].kbps[0] == 20);
    CHECK(v->layers[2].stream == 1);
    CHECK(v->layers[2].height == 0);
    const auto nothing = VideoLayers::parse(from_hex("00"));
    REQUIRE(nothing);
    CHECK(nothing->count == 0);
}

TEST_CASE("every truncation of a layers allocation is refused, or lacks its sizes") {
    const auto bytes = from_hex(kThree);
    constexpr std::size_t kRates = 2 + 10;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto v = VideoLayers::parse(BytesView(bytes).first(size));
        CHECK(v.has_value() == (size >= kRates));
        if (v) CHECK(v->layers[2].height == 0);
    }
    // Sixteen layers of four temporal layers whose rates never end.
    std::vector<std::uint8_t> endless(200, 0xff);
    const auto v = VideoLayers::parse(endless);
    if (v) CHECK(v->count <= VideoLayers::kMax);
}
