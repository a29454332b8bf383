// Streams with dependency descriptors: the structures that libwebrtc's encoders attach, and the
// order in which their frames come.
#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "tests/bridge/forward/streams.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

constexpr std::uint8_t kDdId = 11;

struct Scalability {
    const char* structure;  // descriptor of a key frame
    std::vector<int> keyframe;  // templates of its picture
    std::vector<int> cycle;
    int spatial;
};

const Scalability kL1T3{"800001800214eaa860414d141020842701df010d", {0}, {1, 3, 2, 4}, 1};
const Scalability kL3T3{
    "d0013481e81485214eafffaaaa863cf0430c10c302afc0aaa0063c00430010c002a000a80006000040001d954926"
    "e082b04a0941b820ac1282503157f974000ca864330e222222eca8655304224230eca87753013f00b3027f016704"
    "ff02cf",
    {1, 6, 11},
    {0, 5, 10, 3, 8, 13, 2, 7, 12, 4, 9, 14},
    3};
const Scalability kL3T3Key{
    "8f008581e81485214eaaaaa8000600004000100002aa80a8000600004000100002a000a800060000400016d54924"
    "1b5524906d54923157e001974ca864330e222396eca8655304224390eca87753013f00b3027f016704ff02cf",
    {0, 5, 10},
    {1, 6, 11, 3, 8, 13, 2, 7, 12, 4, 9, 14},
    3};
const Scalability kS3T3{
    "c1000180081485214ea000a8000600004000100002a000a8000600004000100002a000a80006000040001d954926"
    "caa493655248c55fe5d00032a190cc38e58803b2a1954c10e10843b2a1dd4c01dc010803bc0218077c0434",
    {1, 6, 11},
    {0, 5, 10, 3, 8, 13, 2, 7, 12, 4, 9, 14},
    3};

std::vector<std::uint8_t> from_hex(const std::string& hex) {
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return out;
}

class DdSender {
 public:
    DdSender(const Scalability& mode, std::uint32_t ssrc, int encoding, int packets = 1)
        : mode_(mode), ssrc_(ssrc), encoding_(encoding), packets_(packets),
          key_(from_hex(mode.structure)) {
        DdParser parser;
        REQUIRE(parser.parse(key_));
        offset_ = parser.structure().id_offset;
    }

    // All packets of the next picture: one frame per spatial layer.
    std::vector<TestPacket> picture(bool keyframe, TimePoint at) {
        std::vector<TestPacket> out;
        if (keyframe) position_ = 0;
        for (int s = 0; s < mode_.spatial; ++s) {
            const int id = keyframe ? mode_.keyframe[static_cast<std::size_t>(s)]
                                    : mode_.cycle[position_++ % mode_.cycle.size()];
            for (int i = 0; i < packets_; ++i) {
                const bool start = i == 0;
                const bool end = i == packets_ - 1;
                out.push_back(packet(keyframe && s == 0 && start, id, start, end,
                                     end && s == mode_.spatial - 1, at));
            }
            ++frame_number_;
        }
        ts_ += 3'000;
        return out;
    }

 private:
    TestPacket packet(bool structure, int id, bool start, bool end, bool marker, TimePoint at) {
        std::vector<std::uint8_t> dd =
            structure ? key_ : std::vector<std::uint8_t>{0, 0, 0};
        dd[0] = static_cast<std::uint8_t>((start ? 0x80 : 0) | (end ? 0x40 : 0) |
                                          ((offset_ + id) & 63));
        store_be16(&dd[1], frame_number_);
        ExtensionList list;
        list.set(kDdId, dd);
        const int first_byte = structure ? 0x18 : start ? 0x10 : 0x90;
        const std::vector<std::uint8_t> payload(30, static_cast<std::uint8_t>(first_byte));
        return make_packet({marker, 41, seq_++, ts_, Ssrc(ssrc_), {}}, payload, list, Codec::av1,
                           kDdId, parser_, encoding_, at);
    }

    const Scalability& mode_;
    std::uint32_t ssrc_;
    int encoding_;
    int packets_;
    std::vector<std::uint8_t> key_;
    int offset_ = 0;
    std::uint16_t seq_ = 65'500;
    std::uint32_t ts_ = 9'000;
    std::uint16_t frame_number_ = 0;
    std::size_t position_ = 0;
    DdParser parser_;
};

using Wanted = std::function<bool(int spatial, int temporal, bool keyframe)>;

// 200 pictures, every 48th a key frame; what is forwarded, without gaps, marked on `top`.
void check_filter(const Scalability& mode, LayerIndex target, int top, const Wanted& wanted) {
    VideoProjection projection(Ssrc(1));
    projection.set_target(target);
    DdSender sender(mode, 1, 0);
    TimePoint now{};
    std::uint16_t seq = 2;
    for (int i = 0; i < 200; ++i, now += milliseconds(33)) {
        const bool key = i % 48 == 0;
        for (const auto& p : sender.picture(key, now)) {
            CAPTURE(i);
            CAPTURE(int{p.frame.spatial});
            const auto out = project(projection, p);
            REQUIRE(out.forwarded() == wanted(p.frame.spatial, p.frame.temporal, key));
            if (!out.forwarded()) continue;
            REQUIRE(out.out.seq == seq++);
            REQUIRE(out.out.number == p.frame.dd()->frame_number);
            REQUIRE(out.out.marker == (p.frame.spatial == top || p.rtp().marker()));
        }
        REQUIRE_FALSE(projection.needs_keyframe());
    }
}

}  // namespace

TEST_CASE("L1T3: temporal layers") {
    for (int highest : {0, 1, 2}) {
        check_filter(kL1T3, layer_index(0, 0, highest), 0,
                     [&](int, int t, bool) { return t <= highest; });
    }
}

TEST_CASE("L3T3: a spatial layer comes with those below") {
    for (int highest : {0, 1, 2}) {
        check_filter(kL3T3, layer_index(0, highest, 2), highest,
                     [&](int s, int, bool) { return s <= highest; });
    }
    check_filter(kL3T3, layer_index(0, 2, 0), 2, [](int, int t, bool) { return t == 0; });
}

TEST_CASE("L3T3_KEY: lower layers only in key pictures") {
    for (int highest : {0, 1, 2}) {
        check_filter(kL3T3Key, layer_index(0, highest, 2), highest, [&](int s, int, bool key) {
            return s == highest || (key && s < highest);
        });
    }
}

TEST_CASE("S3T3: layers without relation, and the frame that brings the structure") {
    for (int only : {0, 1, 2}) {
        check_filter(kS3T3, layer_index(0, only, 2), only, [&](int s, int, bool key) {
            return s == only || (key && s == 0);
        });
    }
}

TEST_CASE("temporal layers change at once, spatial ones of L3T3_KEY wait for a key frame") {
    VideoProjection projection(Ssrc(1));
    DdSender sender(kL3T3Key, 1, 0);
    TimePoint now{};
    int high = 0;
    int low = 0;
    const auto run = [&](int pictures, bool key) {
        high = low = 0;
        for (int i = 0; i < pictures; ++i, now += milliseconds(33)) {
            for (const auto& p : sender.picture(key && i == 0, now)) {
                if (!project(projection, p).forwarded()) continue;
                (p.frame.spatial == 2 ? high : low) += 1;
            }
        }
    };
    projection.set_target(layer_index(0, 2, 2));
    run(8, true);
    CHECK(high == 8);
    CHECK(low == 2);
    projection.set_target(layer_index(0, 2, 0));
    run(8, false);
    CHECK(high == 3);  // one that came before the next base frame
    CHECK(low == 0);
    CHECK_FALSE(projection.needs_keyframe());
    projection.set_target(layer_index(0, 0, 0));
    run(8, false);
    CHECK(high == 2);
    CHECK(low == 0);
    CHECK(projection.needs_keyframe());
    run(8, true);
    CHECK(high == 0);
    CHECK(low == 3);
    CHECK_FALSE(projection.needs_keyframe());
}

TEST_CASE("after a change of the decode target the next descriptor says what is still there") {
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(0, 0, 2));
    DdSender sender(kL1T3, 1, 0);
    ExtensionIds ids;
    ids.set(Extension::dependency_descriptor, kDdId);
    project(projection, sender.picture(true, {})[0]);
    for (int i = 0; i < 3; ++i) project(projection, sender.picture(false, {})[0]);
    projection.set_target(layer_index(0, 0, 0));
    TestPacket p;
    Projected out;
    for (int i = 0; i < 4 && out.out.mask_bits == 0; ++i) {
        p = sender.picture(false, {})[0];
        out = project(projection, p);
    }
    REQUIRE(out.out.mask_bits == 3);
    std::vector<std::uint8_t> bytes(1'600);
    bytes.resize(write_forwarded(p.rtp(), out.out, {ids, ids}, {}, bytes));
    const auto rtp = RtpPacket::parse(bytes);
    REQUIRE(rtp);
    const auto element = rtp->find_extension(kDdId);
    REQUIRE(element);
    CHECK(element->size() == 4);
    DdParser parser;
    REQUIRE(parser.parse(from_hex(kL1T3.structure)));
    const auto d = parser.parse(*element);
    REQUIRE(d);
    REQUIRE(d->active_decode_targets);
    // Exactly the decode target of temporal layer 0.
    for (int i = 0; i < 3; ++i) {
        const bool base = parser.structure().target_temporal[static_cast<std::size_t>(i)] == 0;
        CHECK((*d->active_decode_targets >> i & 1u) == (base ? 1u : 0u));
    }
    CHECK(project(projection, sender.picture(false, {})[0]).out.mask_bits == 0);
}

TEST_CASE("a switch of encodings continues frame numbers and moves template ids") {
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(0, 0, 2));
    DdSender low(kL1T3, 1, 0, 2);
    DdSender high(kL1T3, 2, 1);
    ExtensionIds ids;
    ids.set(Extension::dependency_descriptor, kDdId);
    TimePoint now{};
    Projected last;
    for (const auto& p : low.picture(true, now)) last = project(projection, p);
    for (int i = 0; i < 20; ++i) {
        now += milliseconds(33);
        for (const auto& p : low.picture(false, now)) last = project(projection, p);
        REQUIRE(last.forwarded());
        high.picture(false, now);
    }
    CHECK(last.out.number == 20);
    projection.set_target(layer_index(1, 0, 2));
    now += milliseconds(33);
    last = project(projection, low.picture(false, now)[0]);  // its second packet is to come
    const auto key = high.picture(true, now);
    const auto first = project(projection, key[0]);
    REQUIRE(first.forwarded());
    CHECK(first.out.seq == static_cast<std::uint16_t>(last.out.seq + 2));
    CHECK(first.out.number == static_cast<std::uint16_t>(last.out.number + 1));
    std::vector<std::uint8_t> bytes(1'600);
    bytes.resize(write_forwarded(key[0].rtp(), first.out, {ids, ids}, {}, bytes));
    const auto rtp = RtpPacket::parse(bytes);
    REQUIRE(rtp);
    DdParser parser;
    const auto d = parser.parse(*rtp->find_extension(kDdId));
    REQUIRE(d);
    CHECK(d->frame_number == 22);
    // Five templates of the former structure come before.
    CHECK(parser.structure().id_offset == 5);
    CHECK(d->template_id == 5);
    const auto next = high.picture(false, now)[0];
    const auto second = project(projection, next);
    CHECK(second.out.number == 23);
    bytes.resize(1'600);
    bytes.resize(write_forwarded(next.rtp(), second.out, {ids, ids}, {}, bytes));
    const auto parsed = parser.parse(*RtpPacket::parse(bytes)->find_extension(kDdId));
    REQUIRE(parsed);
    CHECK(parsed->temporal == 0);
    CHECK(parsed->template_id == 6);
}

TEST_CASE("suspended and resumed: the next frame number, no gap in sequence") {
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(0, 0, 2));
    DdSender sender(kL1T3, 1, 0);
    Projected last;
    for (int i = 0; i < 9; ++i) last = project(projection, sender.picture(i == 0, {})[0]);
    projection.set_target(kSuspended);
    for (int i = 0; i < 30; ++i) {
        CHECK_FALSE(project(projection, sender.picture(false, {})[0]).forwarded());
    }
    projection.set_target(layer_index(0, 0, 2));
    CHECK(project(projection, sender.picture(false, {})[0]).verdict ==
          ProjectionVerdict::needs_keyframe);
    const auto resumed = project(projection, sender.picture(true, {})[0]);
    REQUIRE(resumed.forwarded());
    CHECK(resumed.out.seq == static_cast<std::uint16_t>(last.out.seq + 1));
    CHECK(resumed.out.number == last.out.number + 1);
    CHECK(resumed.out.tl0picidx == 5);
}

TEST_CASE("another codec on the same SSRC goes on with a key frame and continuous numbers") {
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(0, 0, 2));
    DdSender av1(kL1T3, 1, 0);
    Vp8Sender vp8(1, 0, 1, 30'000);
    Projected last;
    for (int i = 0; i < 9; ++i) last = project(projection, av1.picture(i == 0, {})[0]);
    CHECK(project(projection, vp8.frame(false, {})[0]).verdict ==
          ProjectionVerdict::needs_keyframe);
    const auto changed = project(projection, vp8.frame(true, {})[0]);
    REQUIRE(changed.forwarded());
    CHECK(changed.out.seq == static_cast<std::uint16_t>(last.out.seq + 1));
    CHECK(changed.out.timestamp == last.out.timestamp + 3'000);
    CHECK(changed.out.fields == RewriteFields::vp8);
    // Back: frame numbers go on where AV1 was left.
    const auto back = project(projection, av1.picture(true, {})[0]);
    REQUIRE(back.forwarded());
    CHECK(back.out.number == last.out.number + 1);
}

TEST_CASE("the sender's mask is replaced by what goes on, in S-modes by the one layer") {
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(0, 1, 2));
    DdSender sender(kS3T3, 1, 0);
    ExtensionIds ids;
    ids.set(Extension::dependency_descriptor, kDdId);
    for (const auto& p : sender.picture(true, {})) project(projection, p);
    bool seen = false;
    for (const auto& p : sender.picture(false, {})) {
        // The frame again, with a mask of all nine decode targets: flags 01000, nine ones.
        const auto plain = *p.rtp().find_extension(kDdId);
        std::vector<std::uint8_t> dd(plain.begin(), plain.end());
        dd.insert(dd.end(), {0x47, 0xfc});
        ExtensionList list;
        list.set(kDdId, dd);
        DdParser parser;
        REQUIRE(parser.parse(from_hex(kS3T3.structure)));
        auto said = make_packet(header_of(p.rtp()), p.rtp().payload(), list, Codec::av1, kDdId,
                                parser, 0, {});
        REQUIRE(said.frame.dd());
        REQUIRE(said.frame.dd()->active_decode_targets == 0x1ffu);
        const auto out = project(projection, said);
        if (!out.forwarded()) continue;
        seen = true;
        std::vector<std::uint8_t> bytes(1'600);
        bytes.resize(write_forwarded(said.rtp(), out.out, {ids, ids}, {}, bytes));
        const auto element = RtpPacket::parse(bytes)->find_extension(kDdId);
        REQUIRE(element);
        CHECK(element->size() == dd.size());
        const auto d = parser.parse(*element);
        REQUIRE(d);
        REQUIRE(d->active_decode_targets);
        for (int i = 0; i < 9; ++i) {
            const bool own = parser.structure().target_spatial[static_cast<std::size_t>(i)] == 1;
            CHECK((*d->active_decode_targets >> i & 1u) == (own ? 1u : 0u));
        }
    }
    CHECK(seen);
}
