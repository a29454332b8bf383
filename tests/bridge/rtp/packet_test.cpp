#include "bridge/rtp/packet.hpp"

#include <doctest/doctest.h>

#include <random>

#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

const std::string kHead = "6f 1234 00010203 deadbeef ";  // pt 111, after the first byte

std::vector<std::uint8_t> vec(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

TEST_CASE("a plain packet gives its fields and its payload") {
    const auto bytes = from_hex("80" + kHead + "0a0b0c");
    const auto p = RtpPacket::parse(bytes);
    REQUIRE(p);
    CHECK(p->pt() == 111);
    CHECK_FALSE(p->marker());
    CHECK(p->seq() == 0x1234);
    CHECK(p->timestamp() == 0x00010203);
    CHECK(p->ssrc() == Ssrc(0xdeadbeef));
    CHECK(vec(p->payload()) == from_hex("0a0b0c"));
    CHECK(p->header_size() == 12);
    CHECK(p->extension_count() == 0);
    CHECK(p->extension_profile() == 0);
}

TEST_CASE("what a browser's video packet carries: ids 3, 5, 10 and 11 in one-byte form") {
    const auto bytes = from_hex("90 e4 1234 00010203 deadbeef bede 0004 32aabbcc 510007 a030 "
                                "b2c01234 000000 10010203");
    const auto p = RtpPacket::parse(bytes);
    REQUIRE(p);
    CHECK(p->marker());
    CHECK(p->pt() == 100);
    CHECK(p->extension_profile() == 0xBEDE);
    CHECK(p->extension_count() == 4);
    CHECK(vec(*p->find_extension(3)) == from_hex("aabbcc"));
    CHECK(find_transport_seq(*p, 5) == 7);
    CHECK(vec(*p->find_extension(10)) == from_hex("30"));
    CHECK(vec(*p->find_extension(11)) == from_hex("c01234"));
    CHECK_FALSE(p->find_extension(1));
    CHECK_FALSE(p->find_extension(0));
    CHECK(p->find_extension_offset(5) == 21);
    CHECK(vec(p->payload()) == from_hex("10010203"));
}

TEST_CASE("two-byte form carries long and empty elements, ids above 14 and padding between") {
    const auto bytes = from_hex("90" + kHead + "1003 0008 00 0500 00 0b14 "
                                "000102030405060708090a0b0c0d0e0f10111213 ff0155 000000 aa");
    const auto p = RtpPacket::parse(bytes);
    REQUIRE(p);
    CHECK(p->extension_count() == 3);
    CHECK(p->find_extension(5)->empty());
    CHECK(p->find_extension(11)->size() == 20);
    CHECK(vec(*p->find_extension(255)) == from_hex("55"));
    CHECK(vec(p->payload()) == from_hex("aa"));
}

TEST_CASE("an element that runs past the extension ends the list, the packet stands") {
    const auto bytes = from_hex("90" + kHead + "bede 0001 1080 5f 00 aabb");
    const auto p = RtpPacket::parse(bytes);
    REQUIRE(p);
    CHECK(p->extension_count() == 1);
    CHECK(find_audio_level(*p, 1)->level == 0);
    CHECK(find_audio_level(*p, 1)->voice);
    CHECK(vec(p->payload()) == from_hex("aabb"));
    const auto stop = from_hex("90" + kHead + "bede 0001 10ff f0 10 aa");
    CHECK(RtpPacket::parse(stop)->extension_count() == 1);  // id 15 ends the list
}

TEST_CASE("unknown extension profiles are skipped as a whole") {
    const auto bytes = from_hex("90" + kHead + "abcd 0001 10ff1122 aa");
    const auto p = RtpPacket::parse(bytes);
    REQUIRE(p);
    CHECK(p->extension_count() == 0);
    CHECK(vec(p->payload()) == from_hex("aa"));
}

TEST_CASE("contributing sources and padding are not payload") {
    const auto bytes = from_hex("a2" + kHead + "00000001 00000002 0a0b 000003");
    const auto p = RtpPacket::parse(bytes);
    REQUIRE(p);
    CHECK(p->csrcs().size() == 8);
    CHECK(vec(p->payload()) == from_hex("0a0b"));
    CHECK(p->padding_size() == 3);
    std::vector<std::uint8_t> probe = from_hex("a0" + kHead);
    probe.resize(12 + 255);
    probe.back() = 255;
    REQUIRE(RtpPacket::parse(probe));
    CHECK(RtpPacket::parse(probe)->payload().empty());
}

TEST_CASE("lengths that run past the end are refused") {
    const auto refused = [](const std::string& text) {
        return !RtpPacket::parse(from_hex(text)).has_value();
    };
    CHECK(refused(""));
    CHECK(refused("806f123400010203deadbe"));
    CHECK(refused("40" + kHead));                     // version 1
    CHECK(refused("81" + kHead + "000000"));          // CSRC cut
    CHECK(refused("90" + kHead + "bede00"));          // extension header cut
    CHECK(refused("90" + kHead + "bede0001 101010"));  // extension cut
    CHECK(refused("a0" + kHead + "00"));              // padding of none
    CHECK(refused("a0" + kHead + "0003"));            // padding into the header
    CHECK(refused("a0" + kHead));                     // padding, but no byte to say how much
}

TEST_CASE("RTCP is told from RTP by the full second byte") {
    for (unsigned second = 0; second < 256; ++second) {
        const std::vector<std::uint8_t> d{0x80, static_cast<std::uint8_t>(second)};
        CHECK(is_rtcp(d) == (second >= 192 && second <= 223));
    }
    CHECK(is_rtp_or_rtcp(from_hex("bf00")));
    CHECK_FALSE(is_rtp_or_rtcp(from_hex("c000")));
    CHECK_FALSE(is_rtp_or_rtcp(from_hex("7f00")));
    CHECK_FALSE(is_rtcp(from_hex("80")));
}

TEST_CASE("random bytes never give a span outside the packet") {
    std::mt19937 random(1);
    for (int round = 0; round < 200'000; ++round) {
        std::vector<std::uint8_t> bytes(random() % 80);
        for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
        if (!bytes.empty()) bytes[0] = static_cast<std::uint8_t>(0x80 | (bytes[0] & 0x3f));
        if (bytes.size() > 14 && random() % 2) {
            bytes[0] = 0x90;
            store_be16(&bytes[12], random() % 2 ? 0xBEDE : 0x1000);
        }
        const auto p = RtpPacket::parse(bytes);
        if (!p) continue;
        const auto inside = [&](BytesView s) {
            return s.empty() || (s.data() >= bytes.data() &&
                                 s.data() + s.size() <= bytes.data() + bytes.size());
        };
        REQUIRE(inside(p->payload()));
        REQUIRE(p->header_size() + p->payload().size() + p->padding_size() == bytes.size());
        for (std::size_t i = 0; i < p->extension_count(); ++i) {
            REQUIRE(inside(p->extension(i).data));
            REQUIRE(p->extension(i).id != 0);
        }
    }
}

TEST_CASE("every truncation of a packet with all that a header can carry stays in its bounds") {
    // Three contributing sources, two-byte extensions of 1, 0 and 20 bytes, padding of four.
    const auto whole = from_hex(
        "b3 e4 0001 00000001 00000002 00000003 00000004 00000005 1000 0007"
        "0101aa 0200 0b14 000102030405060708090a0b0c0d0e0f10111213 000000"
        "99887766 00000004");
    REQUIRE(RtpPacket::parse(whole));
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        const BytesView part = BytesView(whole).first(cut);
        const auto packet = RtpPacket::parse(part);
        // Header, sources and extension block come first: nothing of them may be missing.
        if (cut < 56) CHECK_FALSE(packet);
        if (!packet) continue;
        CHECK(packet->header_size() + packet->payload().size() + packet->padding_size() == cut);
        for (std::size_t i = 0; i < packet->extension_count(); ++i) {
            const auto element = packet->extension(i);
            CHECK(element.data.data() >= part.data());
            CHECK(element.data.data() + element.data.size() <= part.data() + cut);
        }
    }
}
