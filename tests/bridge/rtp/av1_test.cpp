#include "bridge/rtp/codecs/av1.hpp"

#include <doctest/doctest.h>

#include <random>

#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// Descriptors of key frames, with the structure: what encoders attach in the common modes.
const char* const kL1T1 = "80000180003a410180ef808680";
const char* const kL1T3 = "800001800214eaa860414d141020842701df010d";
const char* const kL3T3 =
    "d0013481e81485214eafffaaaa863cf0430c10c302afc0aaa0063c00430010c002a000a80006000040001d954926e0"
    "82b04a0941b820ac1282503157f974000ca864330e222222eca8655304224230eca87753013f00b3027f016704ff02"
    "cf";
const char* const kL3T3Key =
    "8f008581e81485214eaaaaa8000600004000100002aa80a8000600004000100002a000a80006000040001"
    "6d549241b5524906d54923157e001974ca864330e222396eca8655304224390eca87753013f00b3027f016704ff"
    "02cf";
const char* const kL2T2KeyShift =
    "8700ed80e3061eaa82804028280514d14134518010a091889a09409fc059c13fc0b3c0";
const char* const kS3T3 =
    "c1000180081485214ea000a8000600004000100002a000a8000600004000100002a000a80006000040001d95"
    "4926caa493655248c55fe5d00032a190cc38e58803b2a1954c10e10843b2a1dd4c01dc010803bc0218077c0434";

DependencyDescriptor parsed(DdParser& parser, const std::string& hex) {
    const auto d = parser.parse(from_hex(hex));
    REQUIRE(d);
    return *d;
}

// A descriptor without structure, for the template at `index`.
std::vector<std::uint8_t> frame_of(const DdStructure& s, unsigned index, std::uint16_t number) {
    std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(0xc0 | ((s.id_offset + index) % 64)),
                                    0, 0};
    store_be16(&bytes[1], number);
    return bytes;
}

}  // namespace

TEST_CASE("L1T1: one layer, one decode target") {
    DdParser parser;
    const auto d = parsed(parser, kL1T1);
    CHECK(d.start_of_frame);
    CHECK_FALSE(d.end_of_frame);
    CHECK(d.frame_number == 1);
    CHECK(d.starts_keyframe());
    const DdStructure& s = parser.structure();
    CHECK(s.decode_targets == 1);
    CHECK(s.spatial_layers == 1);
    CHECK(s.temporal_layers == 1);
    CHECK(s.has_resolutions);
    CHECK(s.width[0] == 480);
    CHECK(s.height[0] == 270);
}

TEST_CASE("L1T3: key frame template 0, then the cycle 1 3 2 4") {
    DdParser parser;
    const auto key = parsed(parser, kL1T3);
    CHECK(key.decode_targets == 3);
    CHECK(key.active_decode_targets == 7u);
    CHECK(key.temporal == 0);
    CHECK(key.reference_count == 0);
    const DdStructure& s = parser.structure();
    CHECK(s.template_count == 5);
    CHECK(s.temporal_layers == 3);
    CHECK(s.chains == 1);
    const int temporal[] = {0, 0, 1, 2, 2};
    std::uint16_t number = 2;
    for (unsigned index : {1u, 3u, 2u, 4u}) {
        const auto d = parser.parse(frame_of(s, index, number++));
        REQUIRE(d);
        CHECK_FALSE(d->has_structure);
        CHECK(d->temporal == temporal[index]);
        CHECK(d->reference_count > 0);
        CHECK(d->end_of_frame);
    }
    CHECK(s.target_temporal[0] + s.target_temporal[1] + s.target_temporal[2] == 3);
}

TEST_CASE("L3T3: nine decode targets, resolutions up to 720") {
    DdParser parser;
    const auto key = parsed(parser, kL3T3);
    CHECK(key.end_of_frame);
    CHECK(key.decode_targets == 9);
    CHECK(key.spatial == 0);
    const DdStructure& s = parser.structure();
    CHECK(s.spatial_layers == 3);
    CHECK(s.temporal_layers == 3);
    CHECK(s.template_count == 15);
    CHECK(s.height[0] == 180);
    CHECK(s.height[1] == 360);
    CHECK(s.height[2] == 720);
    CHECK(s.width[2] == 1280);
    int number = key.frame_number;
    for (unsigned index : {6u, 11u, 0u, 5u, 10u, 3u, 8u, 13u, 2u, 7u, 12u, 4u, 9u, 14u}) {
        const auto d = parser.parse(frame_of(s, index, static_cast<std::uint16_t>(++number)));
        REQUIRE(d);
        CHECK(d->spatial == index / 5);
    }
}

TEST_CASE("the other structures of the common modes are read to their ends") {
    DdParser parser;
    parsed(parser, kL3T3Key);
    CHECK(parser.structure().template_count == 15);
    CHECK(parser.structure().height[2] == 720);
    parsed(parser, kL2T2KeyShift);
    CHECK(parser.structure().decode_targets == 4);
    CHECK(parser.structure().spatial_layers == 2);
    CHECK(parser.structure().temporal_layers == 2);
    CHECK(parser.structure().template_count == 7);
    CHECK(parser.structure().height[1] == 720);
    parsed(parser, kS3T3);
    CHECK(parser.structure().spatial_layers == 3);
    CHECK(parser.structure().width[2] > parser.structure().width[1]);
}

TEST_CASE("without a structure only the first three bytes can be read") {
    DdParser parser;
    CHECK_FALSE(parser.parse(from_hex("c10005")));
    const auto start = parse_dd_start(from_hex("c10005"));
    REQUIRE(start);
    CHECK(start->start_of_frame);
    CHECK(start->end_of_frame);
    CHECK(start->template_id == 1);
    CHECK(start->frame_number == 5);
    CHECK_FALSE(parse_dd_start(from_hex("c100")));
}

TEST_CASE("an unknown template is refused") {
    DdParser parser;
    parsed(parser, kL1T3);
    CHECK(parser.parse(from_hex("c40005")));
    CHECK_FALSE(parser.parse(from_hex("c50005")));
}

TEST_CASE("a frame's own fields override those of its template") {
    DdParser parser;
    parsed(parser, kL1T3);
    // Custom: active targets 001, dtis 3,3,3, one difference of 5, chain difference 9.
    // bits: 0 1 1 1 1 | 001 | 11 11 11 | 01 0100 | 00 | 00001001
    const auto d = parser.parse(from_hex("c10005 79 fd 40 24 00"));
    REQUIRE(d);
    CHECK(d->active_decode_targets == 1u);
    CHECK(d->dtis[0] == Dti::required);
    CHECK(d->dtis[2] == Dti::required);
    CHECK(d->reference_count == 1);
    CHECK(d->frame_diffs[0] == 5);
}

TEST_CASE("a structure that is cut is refused and does not replace the one before") {
    for (const char* text : {kL1T1, kL1T3, kL3T3, kL3T3Key, kL2T2KeyShift, kS3T3}) {
        const auto whole = from_hex(text);
        DdParser parser;
        parsed(parser, kL1T3);
        for (std::size_t size = 4; size + 1 < whole.size(); ++size) {
            CHECK_FALSE(parser.parse(BytesView(whole).first(size)));
            REQUIRE(parser.structure().template_count == 5);
        }
    }
}

TEST_CASE("a late packet is read with the structure that it was sent with") {
    DdParser parser;
    parsed(parser, kL1T3);  // templates 0 to 4
    // The same structure again, with templates 5 to 9: offset 000101, then as before.
    auto bytes = from_hex(kL1T3);
    bytes[0] = 0x85;
    bytes[3] = static_cast<std::uint8_t>(0x80 | (5 >> 3));
    bytes[4] = static_cast<std::uint8_t>((bytes[4] & 0x1f) | (5 & 7) << 5);
    REQUIRE(parser.parse(bytes));
    CHECK(parser.structure().id_offset == 5);
    const auto late = parser.parse(from_hex("c30005"));
    REQUIRE(late);
    CHECK(late->late);
    CHECK(late->temporal == 2);
    CHECK(parser.structure_of(*late).id_offset == 0);
    const auto on_time = parser.parse(from_hex("c60006"));
    REQUIRE(on_time);
    CHECK_FALSE(on_time->late);
    CHECK(parser.structure_of(*on_time).id_offset == 5);
    CHECK_FALSE(parser.parse(from_hex("ca0007")));
}

TEST_CASE("damaged descriptors are refused or stay within the format's bounds") {
    std::mt19937 random(5);
    DdParser parser;
    int accepted = 0;
    for (int round = 0; round < 50'000; ++round) {
        auto bytes = from_hex(round % 2 ? kL3T3 : kL2T2KeyShift);
        for (unsigned i = 0; i < 1 + random() % 4; ++i) {
            bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
        }
        bytes.resize(random() % 3 ? bytes.size() : random() % bytes.size());
        const auto d = parser.parse(bytes);
        if (!d) continue;
        ++accepted;
        REQUIRE(d->spatial < kMaxDdSpatialLayers);
        REQUIRE(d->temporal < 8);
        REQUIRE(d->reference_count <= kMaxDdReferences);
        REQUIRE(d->decode_targets <= kMaxDdDecodeTargets);
    }
    CHECK(accepted > 1000);
}
