// What is written for a receiver: header, descriptor, extensions; as media and inside RTX.
#include <doctest/doctest.h>

#include "bridge/rtp/codecs/vp9.hpp"
#include "tests/bridge/forward/streams.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

ExtensionIds jitsi_ids() {
    ExtensionIds ids;
    ids.set(Extension::audio_level, 1);
    ids.set(Extension::abs_send_time, 3);
    ids.set(Extension::transport_cc, 5);
    ids.set(Extension::mid, 10);
    ids.set(Extension::dependency_descriptor, 11);
    return ids;
}

struct Written {
    std::vector<std::uint8_t> bytes;
    RtpPacket rtp() const { return *RtpPacket::parse(bytes); }
};

Written forward(const TestPacket& p, const Rewrite& r, const Stamps& stamps = {},
                const ExtensionIds& from = jitsi_ids(), const ExtensionIds& to = jitsi_ids()) {
    Written out;
    out.bytes.resize(1'600);
    out.bytes.resize(write_forwarded(p.rtp(), r, {from, to}, stamps, out.bytes));
    REQUIRE(RtpPacket::parse(out.bytes));
    return out;
}

TestPacket plain(std::vector<std::uint8_t> payload, const ExtensionList& list) {
    DdParser dd;
    return make_packet({true, 111, 5, 960, Ssrc(1), {}}, payload, list, Codec::opus, 0, dd, 0, {});
}

std::vector<std::uint8_t> bytes(BytesView view) { return {view.begin(), view.end()}; }

}  // namespace

TEST_CASE("VP8: header and descriptor are new, the picture is untouched") {
    Vp8Sender sender(1, 0, 2);
    const auto packets = sender.frame(true, {});
    Rewrite r = unchanged(packets[0].rtp());
    r.ssrc = Ssrc(0xabcdef01);
    r.seq = 777;
    r.timestamp = 123'456;
    r.fields = RewriteFields::vp8;
    r.number = 0x1234;
    r.tl0picidx = 99;
    const auto out = forward(packets[0], r);
    CHECK(out.rtp().ssrc() == Ssrc(0xabcdef01));
    CHECK(out.rtp().seq() == 777);
    CHECK(out.rtp().timestamp() == 123'456);
    CHECK(out.rtp().pt() == 100);
    CHECK_FALSE(out.rtp().marker());
    const auto d = Vp8Descriptor::parse(out.rtp().payload());
    REQUIRE(d);
    CHECK(d->picture_id == 0x1234);
    CHECK(d->tl0picidx == 99);
    CHECK(d->temporal == 0);
    CHECK(d->starts_keyframe);
    const auto source = Vp8Descriptor::parse(packets[0].rtp().payload());
    CHECK(bytes(out.rtp().payload().subspan(d->size)) ==
          bytes(packets[0].rtp().payload().subspan(source->size)));
}

TEST_CASE("a retransmission carries the same packet behind its number") {
    Vp8Sender sender(1, 0, 2);
    const auto packets = sender.frame(true, {});
    Rewrite r = unchanged(packets[1].rtp());
    r.seq = 4'321;
    r.fields = RewriteFields::vp8;
    r.number = 5;
    const auto media = forward(packets[1], r);
    Written rtx;
    rtx.bytes.resize(1'600);
    const auto ids = jitsi_ids();
    rtx.bytes.resize(write_retransmission(packets[1].rtp(), r, {96, Ssrc(5678), 9}, {ids, ids}, {},
                                          rtx.bytes));
    const auto rtp = rtx.rtp();
    CHECK(rtp.pt() == 96);
    CHECK(rtp.ssrc() == Ssrc(5678));
    CHECK(rtp.seq() == 9);
    CHECK(rtp.marker() == media.rtp().marker());
    CHECK(rtp.timestamp() == media.rtp().timestamp());
    CHECK(load_be16(rtp.payload().data()) == 4'321);
    CHECK(bytes(rtp.payload().subspan(2)) == bytes(media.rtp().payload()));
    // Written again, it is the same again.
    CHECK(forward(packets[1], r).bytes == media.bytes);
}

TEST_CASE("VP9: picture id and TL0PICIDX are replaced where they are, in both lengths") {
    DdParser dd;
    // I L B; 15-bit picture id; layer octet; TL0PICIDX.
    const std::vector<std::uint8_t> wide{0xa8, 0x81, 0x00, 0x20, 7, 1, 2, 3};
    const auto p = make_packet({}, wide, {}, Codec::vp9, 0, dd, 0, {});
    Rewrite r = unchanged(p.rtp());
    r.fields = RewriteFields::vp9;
    r.number = 0x7abc;
    r.tl0picidx = 200;
    const auto out = forward(p, r);
    CHECK(bytes(out.rtp().payload()) ==
          std::vector<std::uint8_t>{0xa8, 0xfa, 0xbc, 0x20, 200, 1, 2, 3});
    // I F L: flexible mode has no TL0PICIDX; 7-bit picture id.
    const std::vector<std::uint8_t> narrow{0xb8, 0x11, 0x00, 9, 9};
    const auto q = make_packet({}, narrow, {}, Codec::vp9, 0, dd, 0, {});
    CHECK(bytes(forward(q, r).rtp().payload()) ==
          std::vector<std::uint8_t>{0xb8, 0x3c, 0x00, 9, 9});
}

TEST_CASE("which way up a picture is goes with it") {
    ExtensionIds ids = jitsi_ids();
    ids.set(Extension::video_orientation, 13);
    ExtensionList list;
    const std::uint8_t quarter[] = {0x01};
    list.set(13, quarter);
    const auto p = plain({1, 2, 3}, list);
    const auto out = forward(p, unchanged(p.rtp()), {}, ids, ids);
    CHECK(bytes(*out.rtp().find_extension(13)) == std::vector<std::uint8_t>{0x01});
}

TEST_CASE("of the sender's extensions only the audio level survives, the bridge's are stamped") {
    ExtensionList list;
    const std::uint8_t level[] = {0x85};
    list.set(1, level);
    list.set_u24(3, 0x111111);
    list.set_u16(5, 0x2222);
    list.set(10, level);
    const auto p = plain({1, 2, 3}, list);
    auto out = forward(p, unchanged(p.rtp()));
    CHECK(out.rtp().extension_count() == 1);
    CHECK(bytes(*out.rtp().find_extension(1)) == std::vector<std::uint8_t>{0x85});
    CHECK(bytes(out.rtp().payload()) == std::vector<std::uint8_t>{1, 2, 3});

    Stamps stamps;
    stamps.transport_seq = 0x1357;
    stamps.abs_send_time = 0x246801;
    stamps.mid = "a0";
    out = forward(p, unchanged(p.rtp()), stamps);
    CHECK(bytes(*out.rtp().find_extension(5)) == std::vector<std::uint8_t>{0x13, 0x57});
    CHECK(bytes(*out.rtp().find_extension(3)) == std::vector<std::uint8_t>{0x24, 0x68, 0x01});
    CHECK(bytes(*out.rtp().find_extension(10)) == std::vector<std::uint8_t>{'a', '0'});
}

TEST_CASE("extensions are moved to the receiver's ids, or dropped where it has none") {
    ExtensionList list;
    const std::uint8_t level[] = {0x85};
    list.set(1, level);
    const auto p = plain({1}, list);
    ExtensionIds other;
    other.set(Extension::audio_level, 7);
    CHECK(bytes(*forward(p, unchanged(p.rtp()), {}, jitsi_ids(), other).rtp().find_extension(7)) ==
          std::vector<std::uint8_t>{0x85});
    Stamps stamps;
    stamps.transport_seq = 1;
    CHECK(forward(p, unchanged(p.rtp()), stamps, jitsi_ids(), {}).rtp().extension_count() == 0);
}

TEST_CASE("the time of sending is 6.18 fixed point") {
    CHECK(abs_send_time(TimePoint{}) == 0);
    CHECK(abs_send_time(TimePoint{} + seconds(1)) == 1u << 18);
    CHECK(abs_send_time(TimePoint{} + milliseconds(500)) == 1u << 17);
    CHECK(abs_send_time(TimePoint{} + seconds(64)) == 0);
}

TEST_CASE("what does not fit is not written") {
    Vp8Sender sender(1, 0, 2);
    const auto p = sender.frame(true, {})[1];
    std::array<std::uint8_t, 20> small{};
    const auto ids = jitsi_ids();
    CHECK(write_forwarded(p.rtp(), unchanged(p.rtp()), {ids, ids}, {}, small) == 0);
}
