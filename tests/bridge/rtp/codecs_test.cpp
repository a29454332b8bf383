#include <doctest/doctest.h>

#include <array>
#include <random>

#include "bridge/rtp/codecs/frame_info.hpp"
#include "bridge/rtp/codecs/h264.hpp"
#include "bridge/rtp/codecs/vp8.hpp"
#include "bridge/rtp/codecs/vp9.hpp"
#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// A key frame of 640 x 360: frame tag, start code, dimensions.
const std::string kKeyFrame = "10 02 00 9d 01 2a 80 02 68 01 ";

RtpPacket view(const std::vector<std::uint8_t>& bytes) {
    const auto packet = RtpPacket::parse(bytes);
    REQUIRE(packet);
    return *packet;
}

}  // namespace

TEST_CASE("a VP8 key frame with 15-bit picture id, TL0PICIDX and temporal layer") {
    const auto payload = from_hex("90 e0 9234 56 20 " + kKeyFrame);
    const auto d = Vp8Descriptor::parse(payload);
    REQUIRE(d);
    CHECK(d->start_of_frame());
    CHECK(d->picture_id == 0x1234);
    CHECK(d->long_picture_id);
    CHECK(d->tl0picidx == 0x56);
    CHECK(d->temporal == 0);
    CHECK(d->layer_sync);
    CHECK_FALSE(d->key_index);
    CHECK(d->size == 6);
    CHECK(d->starts_keyframe);
    CHECK(d->width == 640);
    CHECK(d->height == 360);
}

TEST_CASE("VP8 packets that are not the start of a key frame") {
    CHECK_FALSE(Vp8Descriptor::parse(from_hex("90 e0 9234 56 20 11 02 00"))->starts_keyframe);
    CHECK_FALSE(Vp8Descriptor::parse(from_hex("80 e0 9234 56 20 10 02 00"))->starts_keyframe);
    CHECK_FALSE(Vp8Descriptor::parse(from_hex("91 e0 9234 56 20 10 02 00"))->starts_keyframe);
    const auto upper = Vp8Descriptor::parse(from_hex("b0 e0 9234 56 80 11"));
    CHECK(upper->temporal == 2);
    CHECK(upper->non_reference);
    // A first packet too short for the dimensions is still a key frame.
    const auto small = Vp8Descriptor::parse(from_hex("10 10 02"));
    CHECK(small->starts_keyframe);
    CHECK(small->height == 0);
}

TEST_CASE("short VP8 descriptors: none, 7-bit picture id, key index") {
    const auto plain = Vp8Descriptor::parse(from_hex("10 11"));
    REQUIRE(plain);
    CHECK(plain->size == 1);
    CHECK_FALSE(plain->picture_id);
    const auto seven = Vp8Descriptor::parse(from_hex("90 80 42 11"));
    REQUIRE(seven);
    CHECK(seven->picture_id == 0x42);
    CHECK_FALSE(seven->long_picture_id);
    const auto key = Vp8Descriptor::parse(from_hex("90 10 1f 11"));
    REQUIRE(key);
    CHECK(key->key_index == 31);
    CHECK_FALSE(key->temporal);
}

TEST_CASE("VP8 descriptors that are cut are refused") {
    const auto whole = from_hex("90 f0 9234 56 3f 10");
    CHECK(Vp8Descriptor::parse(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(Vp8Descriptor::parse(BytesView(whole).first(size)));
    }
}

TEST_CASE("a rewritten VP8 descriptor has the new numbers and keeps all else") {
    for (const char* text : {"90 e0 9234 56 a0 11", "b0 f0 9234 56 bf 11", "90 e0 42 56 a0 11",
                             "90 80 42 11", "90 40 56 11", "10 11", "90 20 a0 11"}) {
        const auto payload = from_hex(text);
        const auto source = Vp8Descriptor::parse(payload);
        REQUIRE(source);
        std::array<std::uint8_t, kMaxVp8Descriptor> out;
        const std::size_t size = write_vp8_descriptor(payload, *source, 0x7abc, 0x99, out);
        REQUIRE(size > 0);
        std::vector<std::uint8_t> rewritten(out.begin(),
                                            out.begin() + static_cast<std::ptrdiff_t>(size));
        rewritten.push_back(payload.back());
        const auto d = Vp8Descriptor::parse(rewritten);
        REQUIRE(d);
        CHECK(d->size == size);
        CHECK(d->picture_id.has_value() == source->picture_id.has_value());
        if (d->picture_id) CHECK(*d->picture_id == 0x7abc);
        CHECK(d->tl0picidx.has_value() == source->tl0picidx.has_value());
        if (d->tl0picidx) CHECK(*d->tl0picidx == 0x99);
        CHECK(d->temporal == source->temporal);
        CHECK(d->layer_sync == source->layer_sync);
        CHECK(d->key_index == source->key_index);
        CHECK(d->non_reference == source->non_reference);
        CHECK(d->start_of_frame() == source->start_of_frame());
        std::array<std::uint8_t, kMaxVp8Descriptor> small;
        CHECK(write_vp8_descriptor(payload, *source, 1, 1, Bytes(small).first(size - 1)) == 0);
    }
}

TEST_CASE("a VP9 key frame of three spatial layers with a scalability structure") {
    const auto payload = from_hex(
        "aa 8005 00 07 58 00a0 005a 0140 00b4 0280 0168 04 0404 4401 2402 4401 aabb");
    const auto d = Vp9Descriptor::parse(payload);
    REQUIRE(d);
    CHECK(d->picture_id == 5);
    CHECK(d->long_picture_id);
    CHECK(d->tl0picidx == 7);
    CHECK(d->start_of_frame);
    CHECK_FALSE(d->end_of_frame);
    CHECK(d->starts_keyframe());
    REQUIRE(d->scalability);
    CHECK(d->scalability->spatial_layers == 3);
    CHECK(d->scalability->height[0] == 90);
    CHECK(d->scalability->height[2] == 360);
    CHECK(d->scalability->width[2] == 640);
    CHECK(d->scalability->pictures_in_group == 4);
    CHECK(d->scalability->temporal_layers == 3);
    CHECK(payload.size() - d->size == 2);
}

TEST_CASE("VP9 frames of upper layers and inter-predicted ones are no key frames") {
    const auto upper = Vp9Descriptor::parse(from_hex("a8 8005 03 07 aa"));
    REQUIRE(upper);
    CHECK(upper->spatial == 1);
    CHECK(upper->inter_layer_dependency);
    CHECK_FALSE(upper->starts_keyframe());
    const auto predicted = Vp9Descriptor::parse(from_hex("ec 8005 50 07 aa"));
    REQUIRE(predicted);
    CHECK(predicted->temporal == 2);
    CHECK(predicted->switching_up_point);
    CHECK(predicted->end_of_frame);
    CHECK_FALSE(predicted->starts_keyframe());
    const auto flexible = Vp9Descriptor::parse(from_hex("f8 05 20 03 05 02 aa"));
    REQUIRE(flexible);
    CHECK(flexible->flexible);
    CHECK_FALSE(flexible->tl0picidx);
    CHECK(flexible->size == 6);
    CHECK_FALSE(Vp9Descriptor::parse(from_hex("f8 05 20 03 05 03 02 aa")));  // four references
}

TEST_CASE("VP9 descriptors that are cut are refused") {
    const auto whole = from_hex("aa 8005 00 07 58 00a0 005a 0140 00b4 0280 0168 02 0404 4401 aa");
    CHECK(Vp9Descriptor::parse(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(Vp9Descriptor::parse(BytesView(whole).first(size)));
    }
    std::vector<std::uint8_t> huge = from_hex("0a 08 ff");
    huge.resize(1200, 0x0c);
    CHECK_FALSE(Vp9Descriptor::parse(huge));
}

TEST_CASE("H.264 key frames start with an SPS or an IDR slice, alone, aggregated or cut") {
    CHECK(h264_starts_keyframe(from_hex("67 42e01f")));
    CHECK(h264_starts_keyframe(from_hex("65 88")));
    CHECK(h264_starts_keyframe(from_hex("78 0002 6742 0001 68")));
    CHECK(h264_starts_keyframe(from_hex("78 0001 09 0002 6588")));
    CHECK(h264_starts_keyframe(from_hex("7c 85 88")));
    CHECK_FALSE(h264_starts_keyframe(from_hex("7c 05 88")));  // a later fragment
    CHECK_FALSE(h264_starts_keyframe(from_hex("7c 81 88")));  // of a plain slice
    CHECK_FALSE(h264_starts_keyframe(from_hex("41 9a")));
    CHECK_FALSE(h264_starts_keyframe(from_hex("68 ce")));  // PPS alone
    CHECK_FALSE(h264_starts_keyframe(from_hex("78 0001 41 0001 06")));
    CHECK_FALSE(h264_starts_keyframe(from_hex("78 ffff 65")));  // length past the end
    CHECK_FALSE(h264_starts_keyframe(from_hex("7c")));
    CHECK_FALSE(h264_starts_keyframe({}));
}

TEST_CASE("AV1 sequences start at the N bit") {
    CHECK(av1_starts_keyframe(from_hex("18 0a")));
    CHECK_FALSE(av1_starts_keyframe(from_hex("10 0a")));
    CHECK_FALSE(av1_starts_keyframe(from_hex("98 0a")));
    CHECK_FALSE(av1_starts_keyframe({}));
}

TEST_CASE("one view of a frame for all codecs") {
    DdParser dd;
    const std::string head = "80 64 0001 00000001 00000002 ";
    const auto vp8_bytes = from_hex(head + "90 e0 9234 56 60 " + kKeyFrame);
    const auto vp8 = parse_frame_info(Codec::vp8, view(vp8_bytes), 11, dd);
    REQUIRE(vp8);
    CHECK(vp8->vp8());
    CHECK(vp8->parsed);
    CHECK(vp8->starts_keyframe);
    CHECK(vp8->temporal == 1);
    CHECK(vp8->height == 360);
    CHECK_FALSE(vp8->end_of_frame);

    const auto bare_bytes = from_hex(head + "10 11");
    const auto bare = parse_frame_info(Codec::vp8, view(bare_bytes), 11, dd);
    REQUIRE(bare);
    CHECK_FALSE(bare->parsed);

    const auto h264_bytes = from_hex("80 eb 0001 00000001 00000002 67 42");
    const auto h264 = parse_frame_info(Codec::h264, view(h264_bytes), 0, dd);
    REQUIRE(h264);
    CHECK(h264->starts_keyframe);
    CHECK(h264->end_of_frame);
    CHECK_FALSE(h264->parsed);

    const auto cut = from_hex(head + "90 e0");
    CHECK_FALSE(parse_frame_info(Codec::vp8, view(cut), 11, dd));
    const auto empty = from_hex(head);
    CHECK_FALSE(parse_frame_info(Codec::h264, view(empty), 11, dd));
}

TEST_CASE("a VP8 packet without picture id goes by its dependency descriptor") {
    DdParser dd;
    const auto bytes = from_hex(
        "90 e4 0001 00000001 00000002 1000 0006 0b14 800001800214eaa860414d141020842701df010d "
        "0000 10 11");
    const auto frame = parse_frame_info(Codec::vp8, view(bytes), 11, dd);
    REQUIRE(frame);
    CHECK(frame->parsed);
    REQUIRE(frame->dd());
    CHECK(frame->starts_keyframe);
    CHECK_FALSE(frame->vp8());
}

TEST_CASE("an AV1 descriptor before the first structure is generic, an unexplained one refused") {
    DdParser dd;
    const std::string head = "90 a9 0001 00000001 00000002 bede 0001 ";
    const auto plain_bytes = from_hex(head + "b2c30005 1011");
    const auto early = parse_frame_info(Codec::av1, view(plain_bytes), 11, dd);
    REQUIRE(early);
    CHECK_FALSE(early->parsed);
    const auto key_bytes = from_hex(
        "90 29 0001 00000001 00000002 1000 0006 0b14 800001800214eaa860414d141020842701df010d "
        "0000 1811");
    const auto key = parse_frame_info(Codec::av1, view(key_bytes), 11, dd);
    REQUIRE(key);
    CHECK(key->starts_keyframe);
    CHECK(key->height == 270);
    const auto next = parse_frame_info(Codec::av1, view(plain_bytes), 11, dd);
    REQUIRE(next);
    CHECK(next->parsed);
    CHECK(next->temporal == 2);
    const auto unknown_bytes = from_hex(head + "b2c90005 1011");
    CHECK_FALSE(parse_frame_info(Codec::av1, view(unknown_bytes), 11, dd));
}

TEST_CASE("with a descriptor the payload is not looked at: encrypted bytes make no key frame") {
    DdParser dd;
    // The payload looks like an IDR slice; the descriptor, without structure, is of no key frame.
    const auto before = from_hex(
        "90 e4 0001 00000001 00000002 1000 0001 0b03 81 0006 0000 00 65 42");
    const auto early = parse_frame_info(Codec::h264, view(before), 11, dd);
    if (early) CHECK_FALSE(early->starts_keyframe);
    const auto key = from_hex(
        "90 e4 0001 00000001 00000002 1000 0006 0b14 800001800214eaa860414d141020842701df010d "
        "0000 61 11");
    const auto first = parse_frame_info(Codec::h264, view(key), 11, dd);
    REQUIRE(first);
    CHECK(first->starts_keyframe);
    const auto delta = from_hex(
        "90 e4 0002 00000bb9 00000002 1000 0002 0b03 c10002 000000 65 42");
    const auto next = parse_frame_info(Codec::h264, view(delta), 11, dd);
    REQUIRE(next);
    REQUIRE(next->dd());
    CHECK_FALSE(next->starts_keyframe);
}
