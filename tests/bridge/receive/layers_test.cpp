#include "bridge/receive/layers.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "tests/bridge/receive/packets.hpp"
#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

FrameInfo vp8(int temporal, int keyframe_height = 0) {
    Vp8Descriptor d;
    d.temporal = static_cast<std::uint8_t>(temporal);
    d.starts_keyframe = keyframe_height > 0;
    d.height = static_cast<std::uint16_t>(keyframe_height);
    FrameInfo frame;
    frame.codec = Codec::vp8;
    frame.parsed = true;
    frame.temporal = *d.temporal;
    frame.starts_keyframe = d.starts_keyframe;
    frame.height = d.height;
    frame.detail = d;
    return frame;
}

FrameInfo vp9(int spatial, int temporal) {
    Vp9Descriptor d;
    d.spatial = static_cast<std::uint8_t>(spatial);
    d.temporal = static_cast<std::uint8_t>(temporal);
    d.inter_picture_predicted = true;
    FrameInfo frame;
    frame.codec = Codec::vp9;
    frame.parsed = true;
    frame.spatial = d.spatial;
    frame.temporal = d.temporal;
    frame.detail = d;
    return frame;
}

}  // namespace

TEST_CASE("a layer's rate contains what it depends on; a silent one counts as the next lower") {
    EncodingLayers e0(0), e1(1), e2(2);
    const std::vector<EncodingLayers*> source{&e0, &e1, &e2};
    DdParser dd;
    // Bytes that make own rates of 1, 2, 0 / 8, 16, 0 / 0, 0, 256 units over a full second.
    const struct {
        EncodingLayers* encoding;
        int temporal;
        int units;
    } own[] = {{&e0, 0, 1}, {&e0, 1, 2}, {&e1, 0, 8}, {&e1, 1, 16}, {&e2, 2, 256}};
    for (const auto& o : own) {
        o.encoding->on_packet(vp8(o.temporal), dd, static_cast<std::size_t>(o.units) * 100,
                              at_ms(0));
    }
    const auto units = [&](int encoding, int temporal) {
        const auto bps = layer_bitrate(source, layer_index(encoding, 0, temporal), at_ms(990));
        return (bps * 990 + 400'000) / 800'000;
    };
    CHECK(units(0, 0) == 1);
    CHECK(units(0, 1) == 3);
    CHECK(units(0, 2) == 3);
    CHECK(units(1, 0) == 8);
    CHECK(units(1, 1) == 24);
    CHECK(units(1, 2) == 24);
    CHECK(units(2, 0) == 24);
    CHECK(units(2, 1) == 24);
    CHECK(units(2, 2) == 256);
    CHECK(layer_bitrate(source, kSuspended, at_ms(990)) == 0);
    CHECK(layer_bitrate(source, layer_index(0, 0, 0), at_ms(5000)) == 0);
}

TEST_CASE("until packets tell, encodings are 180, 360 and 720 lines of 7.5, 15 and 30 frames") {
    EncodingLayers e0(0), e1(1), e2(2);
    const std::vector<EncodingLayers*> source{&e0, &e1, &e2};
    std::vector<LayerStatus> layers(20);
    REQUIRE(list_layers(source, at_ms(0), layers) == 9);
    const int heights[] = {180, 360, 720};
    const float rates[] = {7.5f, 15, 30};
    for (std::size_t i = 0; i < 9; ++i) {
        CHECK(layers[i].height == heights[i / 3]);
        CHECK(layers[i].fps == rates[i % 3]);
        CHECK(layers[i].bitrate_bps == 0);
    }
    CHECK(layers[4].index == layer_index(1, 0, 1));
    CHECK(list_layers(source, at_ms(0), std::span(layers).first(4)) == 4);
}

TEST_CASE("a VP8 key frame tells the height of its encoding") {
    EncodingLayers e(2);
    DdParser dd;
    CHECK(e.on_packet(vp8(0, 1080), dd, 100, at_ms(0)));
    CHECK(e.height(0) == 1080);
    CHECK_FALSE(e.on_packet(vp8(0, 1080), dd, 100, at_ms(1)));
    CHECK(e.on_packet(vp8(0, 540), dd, 100, at_ms(2)));
    CHECK(e.height(0) == 540);
}

TEST_CASE("layering changes with the first packet of a layer and when one falls silent") {
    EncodingLayers e(0);
    DdParser dd;
    CHECK(e.on_packet(vp8(0), dd, 100, at_ms(0)));
    CHECK_FALSE(e.on_packet(vp8(0), dd, 100, at_ms(10)));
    CHECK(e.on_packet(vp8(2), dd, 100, at_ms(20)));
    CHECK_FALSE(e.update(at_ms(500)));
    CHECK(e.active(at_ms(500)));
    CHECK(e.update(at_ms(3000)));
    CHECK_FALSE(e.active(at_ms(3000)));
    CHECK_FALSE(e.update(at_ms(3100)));
    CHECK(e.on_packet(vp8(0), dd, 100, at_ms(4000)));
}

TEST_CASE("upper spatial layers contain the lower ones only while they use them") {
    EncodingLayers e(0);
    DdParser dd;
    for (int s = 0; s < 3; ++s) e.on_packet(vp9(s, 0), dd, 100, at_ms(0));
    CHECK(e.spatial_layers() == 3);
    CHECK(e.bitrate(2, 0, at_ms(0)) == e.own_bitrate(2, 0, at_ms(0)));
    CHECK(e.total_bitrate(at_ms(0)) == 3 * e.own_bitrate(2, 0, at_ms(0)));
    FrameInfo dependent = vp9(2, 0);
    std::get<Vp9Descriptor>(dependent.detail).inter_layer_dependency = true;
    e.on_packet(dependent, dd, 100, at_ms(0));
    CHECK(e.bitrate(2, 0, at_ms(0)) == e.total_bitrate(at_ms(0)));
}

TEST_CASE("a VP9 scalability structure tells layers and heights") {
    EncodingLayers e(0);
    DdParser dd;
    FrameInfo frame = vp9(0, 0);
    auto& d = std::get<Vp9Descriptor>(frame.detail);
    d.inter_picture_predicted = false;
    d.scalability.emplace();
    d.scalability->spatial_layers = 3;
    d.scalability->temporal_layers = 2;
    d.scalability->has_sizes = true;
    d.scalability->width = {320, 640, 1280};
    d.scalability->height = {180, 360, 720};
    CHECK(e.on_packet(frame, dd, 100, at_ms(0)));
    CHECK(e.spatial_layers() == 3);
    CHECK(e.temporal_layers() == 2);
    CHECK(e.height(2) == 720);
    CHECK(e.fps(0) == 15);
    CHECK(e.fps(1) == 30);
}

TEST_CASE("an AV1 structure tells layers and heights, and another codec starts anew") {
    EncodingLayers e(0);
    DdParser dd;
    const auto d = dd.parse(from_hex(
        "8f008581e81485214eaaaaa8000600004000100002aa80a8000600004000100002a000a80006000040001"
        "6d549241b5524906d54923157e001974ca864330e222396eca8655304224390eca87753013f00b3027f016704"
        "ff02cf"));
    REQUIRE(d);
    FrameInfo frame;
    frame.codec = Codec::av1;
    frame.parsed = true;
    frame.detail = *d;
    CHECK(e.on_packet(frame, dd, 100, at_ms(0)));
    CHECK(e.spatial_layers() == 3);
    CHECK(e.temporal_layers() == 3);
    CHECK(e.height(0) == 180);
    CHECK(e.height(2) == 720);
    frame.spatial = 1;
    std::get<DependencyDescriptor>(frame.detail).has_structure = false;
    e.on_packet(frame, dd, 100, at_ms(1));
    // Key frames apart, the layers of this mode do not use each other.
    CHECK(e.bitrate(1, 0, at_ms(1)) == e.own_bitrate(1, 0, at_ms(1)));

    CHECK(e.on_packet(vp8(0), dd, 100, at_ms(2)));
    CHECK(e.spatial_layers() == 1);
    CHECK(e.height(0) == 180);
    CHECK(e.own_bitrate(1, 0, at_ms(2)) == 0);
}

TEST_CASE("ids beyond those told apart count as the highest") {
    EncodingLayers e(0);
    DdParser dd;
    e.on_packet(vp9(7, 7), dd, 100, at_ms(0));
    CHECK(e.spatial_layers() == static_cast<int>(kMaxSpatial));
    CHECK(e.own_bitrate(3, 3, at_ms(0)) > 0);
}

TEST_CASE("what the sender says of its layers outranks what is assumed") {
    EncodingLayers e(2);
    AllocatedLayer said;
    said.stream = 2;
    said.temporal_layers = 3;
    said.width = 480;
    said.height = 640;
    said.fps = 20;
    CHECK(e.on_allocated(said));
    CHECK_FALSE(e.on_allocated(said));
    CHECK(e.height(0) == 480);
    CHECK(e.fps(2) == 20);
    CHECK(e.fps(0) == 5);
}
