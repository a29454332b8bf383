#include <doctest/doctest.h>

#include <string>

#include "bridge/allocation/config.hpp"
#include "bridge/allocation/layers.hpp"
#include "tests/bridge/allocation/sources.hpp"

using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

// Names of the kept layers, then "| preferred oversend".
std::string considered(const SourceSnapshot& source, VideoType type, int max_height, Stage stage) {
    const auto c = consider_layers(source.layers, type, {max_height}, stage, AllocationConfig{});
    std::string out;
    for (const Layer& l : c.layers) out += layer_name(source, l.index) + ' ';
    out += '|';
    const auto name = [&](int i) {
        return i < 0 ? std::string("-")
                     : layer_name(source, c.layers[static_cast<std::size_t>(i)].index);
    };
    return out + name(c.preferred) + ' ' + name(c.oversend);
}

SourceSnapshot only_high() {
    auto s = camera("A");
    s.layers.erase(s.layers.begin(), s.layers.begin() + 6);
    return s;
}

SourceSnapshot with_idle(std::initializer_list<int> idle) {
    auto s = camera("A");
    for (int i : idle) s.layers[static_cast<std::size_t>(i)].bitrate = 0;
    return s;
}

}  // namespace

TEST_CASE("a layer index is encoding, spatial and temporal in one number") {
    CHECK(layer_index(0, -1, 2) == 2);
    CHECK(layer_index(2, -1, 1) == 129);
    CHECK(layer_index(1, 2, 1) == 81);
    CHECK(encoding_of(81) == 1);
    CHECK(spatial_of(81) == 2);
    CHECK(temporal_of(81) == 1);
    CHECK(decode_target_of(decode_target_index(1, 8)) == 8);
    CHECK(encoding_of(kSuspended) == -1);
}

TEST_CASE("a camera keeps low layers for frame rate and high ones only at full rate") {
    CHECK(considered(camera("A"), VideoType::camera, 720, Stage::off) ==
          "l7 l15 l30 s30 h30 |s30 -");
    CHECK(considered(camera("A"), VideoType::camera, 360, Stage::off) == "l7 l15 l30 s30 |s30 -");
    CHECK(considered(camera("A"), VideoType::camera, 180, Stage::off) == "l7 l15 l30 |l30 -");
    CHECK(considered(camera("A"), VideoType::camera, 270, Stage::off) == "l7 l15 l30 |l30 -");
}

TEST_CASE("a camera with nothing low exceeds the limit, but never a limit of zero") {
    CHECK(considered(only_high(), VideoType::camera, 360, Stage::off) == "h7 h15 h30 |h30 -");
    CHECK(considered(only_high(), VideoType::camera, 180, Stage::off) == "h7 h15 h30 |h30 -");
    CHECK(considered(only_high(), VideoType::camera, 0, Stage::off) == "|- -");
}

TEST_CASE("idle layers are left out as long as some layer is active") {
    CHECK(considered(with_idle({5, 6, 7, 8}), VideoType::camera, 720, Stage::off) ==
          "l7 l15 l30 |l30 -");
    CHECK(considered(with_idle({0, 1, 2, 3, 4, 5, 6, 7, 8}), VideoType::camera, 720, Stage::off) ==
          "l7 l15 l30 s30 h30 |s30 -");
}

TEST_CASE("a screen share takes height before frame rate and may be oversent on stage") {
    const auto d = VideoType::desktop;
    CHECK(considered(camera("A"), d, 720, Stage::on) ==
          "l7 l15 l30 s7 s15 s30 h7 h15 h30 |h30 h7");
    CHECK(considered(camera("A"), d, 360, Stage::on) == "l7 l15 l30 s7 s15 s30 |s30 s7");
    CHECK(considered(with_idle({6, 7, 8}), d, 720, Stage::on) ==
          "l7 l15 l30 s7 s15 s30 |s30 s7");
    CHECK(considered(with_idle({0, 1, 2, 3, 4, 5}), d, 720, Stage::on) == "h7 h15 h30 |h30 h7");
    CHECK(considered(with_idle({0, 1, 2, 3, 4, 5}), d, 180, Stage::on) == "h7 h15 h30 |h30 h7");
    CHECK(considered(camera("A"), d, 720, Stage::off) ==
          "l7 l15 l30 s7 s15 s30 h7 h15 h30 |h30 -");
}

TEST_CASE("VP9 layers of one height: off stage and too high only the first is kept") {
    const auto d = VideoType::desktop;
    CHECK(considered(vp9_desktop("A"), d, 720, Stage::on) == "l1 l2 l3 |l3 l1");
    CHECK(considered(vp9_desktop("A"), d, 180, Stage::on) == "l1 l2 l3 |l3 l1");
    CHECK(considered(vp9_desktop("A"), d, 180, Stage::off) == "l1 |l1 -");
}

TEST_CASE("a muted or disabled source has no layers to choose from") {
    CHECK(considered(camera("A"), VideoType::none, 720, Stage::on) == "|- -");
    CHECK(considered(camera("A"), VideoType::disabled, 720, Stage::on) == "|- -");
}
