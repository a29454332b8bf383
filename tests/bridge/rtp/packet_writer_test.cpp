#include "bridge/rtp/packet_writer.hpp"

#include <doctest/doctest.h>

#include <array>

#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

std::vector<std::uint8_t> vec(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

// pt 100, marker; extensions 3, 5, 11; two bytes of payload.
std::vector<std::uint8_t> video() {
    return from_hex("90 e4 1234 00010203 deadbeef bede 0003 32aabbcc 510007 b2c01234 00 aa bb");
}

}  // namespace

TEST_CASE("fields are set in place and nothing else changes") {
    auto bytes = video();
    set_seq(bytes, 77);
    set_timestamp(bytes, 99);
    set_ssrc(bytes, Ssrc(5));
    set_pt(bytes, 41);
    const auto p = RtpPacket::parse(bytes);
    REQUIRE(p);
    CHECK(p->seq() == 77);
    CHECK(p->timestamp() == 99);
    CHECK(p->ssrc() == Ssrc(5));
    CHECK(p->pt() == 41);
    CHECK(p->marker());
    set_marker(bytes, false);
    CHECK(p->pt() == 41);
    CHECK_FALSE(p->marker());
    CHECK(vec(p->payload()) == from_hex("aabb"));
}

TEST_CASE("a rewritten packet has the kept, the changed and the new extensions, no other") {
    const auto bytes = video();
    const auto source = RtpPacket::parse(bytes);
    ExtensionList extensions;
    extensions.keep(*source, 3);
    extensions.keep(*source, 11);
    extensions.keep(*source, 9);  // not there
    CHECK(extensions.set_u16(5, 0x0102));
    CHECK(extensions.set_u24(3, 0x040506));  // replaces
    CHECK(extensions.set(0, from_hex("11")));  // not negotiated: nothing happens
    CHECK(extensions.size() == 3);
    RtpHeader header = header_of(*source);
    header.seq = 1;
    header.ssrc = Ssrc(2);
    std::array<std::uint8_t, 100> out;
    const std::size_t size =
        write_rtp(header, extensions, from_hex("0102"), source->payload(), out);
    REQUIRE(size > 0);
    const auto p = RtpPacket::parse(Bytes(out).first(size));
    REQUIRE(p);
    CHECK(p->seq() == 1);
    CHECK(p->ssrc() == Ssrc(2));
    CHECK(p->timestamp() == source->timestamp());
    CHECK(p->marker());
    CHECK(p->extension_profile() == 0xBEDE);
    CHECK(p->extension_count() == 3);
    CHECK(vec(*p->find_extension(3)) == from_hex("040506"));
    CHECK(vec(*p->find_extension(11)) == from_hex("c01234"));
    CHECK(find_transport_seq(*p, 5) == 0x0102);
    CHECK(vec(p->payload()) == from_hex("0102aabb"));
    CHECK(size == 12 + extensions.encoded_size() + 4);
}

TEST_CASE("long, empty and high elements need the two-byte form") {
    for (const auto& [id, length] : {std::pair{1, 17}, std::pair{1, 0}, std::pair{15, 1}}) {
        ExtensionList extensions;
        CHECK(extensions.set_u16(5, 9));
        CHECK_FALSE(extensions.needs_two_byte_form());
        CHECK(extensions.set(static_cast<std::uint8_t>(id),
                             std::vector<std::uint8_t>(static_cast<std::size_t>(length), 7)));
        CHECK(extensions.needs_two_byte_form());
        std::array<std::uint8_t, 100> out;
        const std::size_t size = write_rtp({}, extensions, {}, {}, out);
        const auto p = RtpPacket::parse(Bytes(out).first(size));
        REQUIRE(p);
        CHECK(p->extension_profile() == 0x1000);
        CHECK(p->find_extension(static_cast<std::uint8_t>(id))->size() ==
              static_cast<std::size_t>(length));
        CHECK(find_transport_seq(*p, 5) == 9);
    }
    ExtensionList sixteen;
    CHECK(sixteen.set(14, std::vector<std::uint8_t>(16, 7)));
    CHECK_FALSE(sixteen.needs_two_byte_form());
}

TEST_CASE("extension lists are bounded and can lose elements again") {
    ExtensionList extensions;
    CHECK_FALSE(extensions.set(1, std::vector<std::uint8_t>(256)));
    CHECK(extensions.set(1, std::vector<std::uint8_t>(255)));
    CHECK_FALSE(extensions.set(2, std::vector<std::uint8_t>(40)));
    ExtensionList many;
    for (std::uint8_t id = 1; id <= kMaxExtensions; ++id) CHECK(many.set(id, from_hex("00")));
    CHECK_FALSE(many.set(20, from_hex("00")));
    many.remove(3);
    many.remove(99);
    CHECK(many.size() == kMaxExtensions - 1);
    CHECK(many.set(20, from_hex("00")));
    ExtensionList none;
    std::array<std::uint8_t, 12> out;
    CHECK(write_rtp({}, none, {}, {}, out) == 12);
    CHECK(RtpPacket::parse(out)->extension_profile() == 0);
}

TEST_CASE("a packet that does not fit is not written") {
    const auto bytes = video();
    const auto source = RtpPacket::parse(bytes);
    ExtensionList extensions;
    extensions.keep(*source, 11);
    std::vector<std::uint8_t> out(22);
    for (std::size_t room = 0; room < 22; ++room) {
        CHECK(write_rtp(header_of(*source), extensions, {}, source->payload(),
                        Bytes(out).first(room)) == 0);
    }
    CHECK(write_rtp(header_of(*source), extensions, {}, source->payload(), out) == 22);
}

TEST_CASE("padding packets carry nothing") {
    std::vector<std::uint8_t> out(400);
    RtpHeader header;
    header.pt = 100;
    ExtensionList extensions;
    extensions.set_u16(5, 3);
    const std::size_t size = write_padding(header, extensions, 255, out);
    CHECK(size == 12 + 8 + 255);
    const auto p = RtpPacket::parse(Bytes(out).first(size));
    REQUIRE(p);
    CHECK(p->payload().empty());
    CHECK(p->padding_size() == 255);
    CHECK(write_padding(header, extensions, 0, out) == 0);
    CHECK(write_padding(header, extensions, 255, Bytes(out).first(100)) == 0);
}

TEST_CASE("RTX carries the original number and comes back as the original") {
    const auto bytes = video();
    const auto source = RtpPacket::parse(bytes);
    ExtensionList extensions;
    extensions.keep(*source, 3);
    extensions.keep(*source, 5);
    extensions.keep(*source, 11);
    std::array<std::uint8_t, 100> out;
    const std::size_t size = write_rtx(*source, {96, Ssrc(5678), 1}, extensions, out);
    const auto rtx = RtpPacket::parse(Bytes(out).first(size));
    REQUIRE(rtx);
    CHECK(rtx->pt() == 96);
    CHECK(rtx->ssrc() == Ssrc(5678));
    CHECK(rtx->seq() == 1);
    CHECK(rtx->timestamp() == source->timestamp());
    CHECK(rtx->marker());
    CHECK(vec(rtx->payload()) == from_hex("1234aabb"));
    const std::size_t back =
        unwrap_rtx(Bytes(out).first(size), *rtx, source->ssrc(), source->pt());
    CHECK(vec(Bytes(out).first(back)) == bytes);
}

TEST_CASE("an RTX payload of fewer than two bytes is a probe") {
    auto one = from_hex("80 60 0001 00010203 00000005 aa");
    CHECK(unwrap_rtx(one, *RtpPacket::parse(one), Ssrc(1), 100) == 0);
    auto padding = from_hex("a0 60 0001 00010203 00000005 000003");
    CHECK(unwrap_rtx(padding, *RtpPacket::parse(padding), Ssrc(1), 100) == 0);
}

TEST_CASE("padding is stripped, the payload stays") {
    auto bytes = from_hex("a0 64 0001 00010203 00000005 aabb 000003");
    const std::size_t size = strip_padding(bytes, *RtpPacket::parse(bytes));
    CHECK(vec(Bytes(bytes).first(size)) == from_hex("80 64 0001 00010203 00000005 aabb"));
}

TEST_CASE("of RED the primary block is left, and every truncation is refused or within bounds") {
    // Two redundant blocks of 3 and 2 bytes of Opus (111) before a primary of 4.
    const auto whole = from_hex(
        "80 f0 0001 00010203 00000005 ef 1e0003 ef 0f0002 6f aaaaaa bbbb 01020304");
    auto bytes = whole;
    const std::size_t size = strip_red(bytes, *RtpPacket::parse(bytes));
    CHECK(vec(Bytes(bytes).first(size)) == from_hex("80 ef 0001 00010203 00000005 01020304"));
    for (std::size_t cut = kRtpFixedHeader; cut < whole.size(); ++cut) {
        auto part = std::vector<std::uint8_t>(whole.begin(),
                                              whole.begin() + static_cast<std::ptrdiff_t>(cut));
        const std::size_t left = strip_red(part, *RtpPacket::parse(part));
        CHECK(left <= cut);
        CHECK((left == 0) == (cut <= whole.size() - 4));
    }
}
