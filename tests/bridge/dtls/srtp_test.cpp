#include "bridge/dtls/srtp.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/bytes.hpp"

namespace jmeet::bridge {
namespace {

struct Packet {
    std::array<std::uint8_t, 1500> bytes{};
    std::size_t length = 0;
    std::vector<std::uint8_t> copy() const { return {bytes.begin(), bytes.begin() + length}; }
};

Packet rtp(std::uint32_t ssrc, std::uint16_t sequence, std::size_t payload = 100) {
    Packet packet;
    packet.bytes[0] = 0x80;
    packet.bytes[1] = 111;
    store_be16(&packet.bytes[2], sequence);
    store_be32(&packet.bytes[4], sequence * 960u);
    store_be32(&packet.bytes[8], ssrc);
    for (std::size_t i = 0; i < payload; ++i) {
        packet.bytes[12 + i] = static_cast<std::uint8_t>(i + sequence);
    }
    packet.length = 12 + payload;
    return packet;
}

Packet receiver_report(std::uint32_t ssrc) {
    Packet packet;
    packet.bytes[0] = 0x80;
    packet.bytes[1] = 201;
    store_be16(&packet.bytes[2], 1);
    store_be32(&packet.bytes[4], ssrc);
    packet.length = 8;
    return packet;
}

struct Ends {
    SrtpTransport a;
    SrtpTransport b;
};

Ends ends_with(SrtpProfile profile) {
    SrtpKeys keys{profile, {}, {}};
    for (std::size_t i = 0; i < kMaxSrtpMasterLength; ++i) {
        keys.local[i] = static_cast<std::uint8_t>(i * 7 + 1);
        keys.remote[i] = static_cast<std::uint8_t>(i * 5 + 99);
    }
    const SrtpKeys mirrored{profile, keys.remote, keys.local};
    return {std::move(SrtpTransport::make(keys).value()),
            std::move(SrtpTransport::make(mirrored).value())};
}

SrtpStatus protect(SrtpTransport& by, Packet& packet) {
    return by.protect_rtp(packet.bytes.data(), packet.length, packet.bytes.size());
}
SrtpStatus unprotect(SrtpTransport& by, Packet& packet) {
    return by.unprotect_rtp(packet.bytes.data(), packet.length);
}
SrtpStatus protect_control(SrtpTransport& by, Packet& packet) {
    return by.protect_rtcp(packet.bytes.data(), packet.length, packet.bytes.size());
}
SrtpStatus unprotect_control(SrtpTransport& by, Packet& packet) {
    return by.unprotect_rtcp(packet.bytes.data(), packet.length);
}

constexpr SrtpProfile kProfiles[] = {SrtpProfile::aead_aes_128_gcm,
                                     SrtpProfile::aes128_cm_sha1_80};

}  // namespace

TEST_CASE("RTP makes the round trip with both profiles, any SSRC unannounced") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        for (const std::uint32_t ssrc : {1u, 0xdeadbeefu, 0u}) {
            for (std::uint16_t sequence = 65'530; sequence != 10; ++sequence) {
                Packet packet = rtp(ssrc, sequence, 333);
                const auto plain = packet.copy();
                REQUIRE(protect(a, packet) == SrtpStatus::ok);
                CHECK(packet.length == plain.size() + a.rtp_trailer());
                CHECK(std::memcmp(packet.bytes.data() + 12, plain.data() + 12, 333) != 0);
                REQUIRE(unprotect(b, packet) == SrtpStatus::ok);
                CHECK(packet.copy() == plain);
            }
        }
        CHECK(a.outbound_streams() == 3);
        CHECK(b.inbound_streams() == 3);
        CHECK(b.outbound_streams() == 0);
    }
}

TEST_CASE("RTCP makes the round trip and grows by at most the stated trailer") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        Packet packet = receiver_report(5);
        const auto plain = packet.copy();
        REQUIRE(protect_control(b, packet) == SrtpStatus::ok);
        CHECK(packet.length == 8 + 4 + b.rtp_trailer());
        CHECK(packet.length <= 8 + SrtpTransport::kMaxRtcpTrailer);
        Packet again = packet;
        REQUIRE(unprotect_control(a, packet) == SrtpStatus::ok);
        CHECK(packet.copy() == plain);
        CHECK(unprotect_control(a, again) == SrtpStatus::replay);
    }
}

TEST_CASE("a packet seen before, or from before the window, is refused") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        std::vector<Packet> sent;
        for (std::uint16_t sequence = 0; sequence < 100; ++sequence) {
            sent.push_back(rtp(7, sequence));
            REQUIRE(protect(a, sent.back()) == SrtpStatus::ok);
        }
        for (const std::size_t i : {30, 31, 99}) {
            Packet copy = sent[i];
            CHECK(unprotect(b, copy) == SrtpStatus::ok);
        }
        for (const std::size_t i : {99, 31, 30, 20}) {
            Packet copy = sent[i];
            CHECK(unprotect(b, copy) == SrtpStatus::replay);
        }
        for (const std::size_t i : {36, 98}) {  // 64 back is still inside
            Packet copy = sent[i];
            CHECK(unprotect(b, copy) == SrtpStatus::ok);
        }
    }
}

TEST_CASE("the same packet may be sent again, as far back as the cache reaches") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        Packet first = rtp(7, 1);
        REQUIRE(protect(a, first) == SrtpStatus::ok);
        for (std::uint16_t sequence = 2; sequence < 502; ++sequence) {
            Packet packet = rtp(7, sequence);
            REQUIRE(protect(a, packet) == SrtpStatus::ok);
        }
        Packet again = rtp(7, 1);
        REQUIRE(protect(a, again) == SrtpStatus::ok);
        CHECK(again.copy() == first.copy());
        CHECK(unprotect(b, again) == SrtpStatus::ok);
    }
}

TEST_CASE("late packets go out under their own index, also across the wrap of the numbers") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        for (const std::uint16_t sequence : {65'533, 65'535, 1, 65'534, 0, 3, 2, 4}) {
            Packet packet = rtp(7, sequence);
            const auto plain = packet.copy();
            REQUIRE(protect(a, packet) == SrtpStatus::ok);
            CHECK(unprotect(b, packet) == SrtpStatus::ok);
            CHECK(packet.copy() == plain);
        }
    }
}

TEST_CASE("a packet from before the first one of its stream is heard as well") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        for (const std::uint16_t sequence : {1, 65'535, 0, 2}) {
            Packet packet = rtp(8, sequence);
            REQUIRE(protect(a, packet) == SrtpStatus::ok);
            CHECK(unprotect(b, packet) == SrtpStatus::ok);
        }
    }
}

TEST_CASE("what is older than the sending window is not sent") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        Packet packet = rtp(7, 5);
        REQUIRE(protect(a, packet) == SrtpStatus::ok);
        packet = rtp(7, 5 + SrtpTransport::kSendWindow);
        REQUIRE(protect(a, packet) == SrtpStatus::ok);
        packet = rtp(7, 5);
        CHECK(protect(a, packet) == SrtpStatus::replay);
        CHECK(packet.length == 112);
        packet = rtp(7, 6);
        CHECK(protect(a, packet) == SrtpStatus::ok);
    }
}

TEST_CASE("a forged packet is refused and makes no stream") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        for (const std::size_t at : {2, 9, 20, 111, 115}) {
            Packet packet = rtp(7, static_cast<std::uint16_t>(at));
            REQUIRE(protect(a, packet) == SrtpStatus::ok);
            packet.bytes[at] ^= 1;
            CHECK(unprotect(b, packet) == SrtpStatus::auth_fail);
        }
        Packet reflected = rtp(7, 1);
        REQUIRE(protect(a, reflected) == SrtpStatus::ok);
        CHECK(unprotect(a, reflected) == SrtpStatus::auth_fail);  // other direction, other key
        Packet control = receiver_report(9);
        REQUIRE(protect_control(a, control) == SrtpStatus::ok);
        control.bytes[control.length - 1] ^= 1;
        CHECK(unprotect_control(b, control) == SrtpStatus::auth_fail);
        CHECK(b.inbound_streams() == 0);
        CHECK(a.inbound_streams() == 0);
    }
}

TEST_CASE("short packets are refused before the library sees them") {
    for (const SrtpProfile profile : kProfiles) {
        auto [a, b] = ends_with(profile);
        Packet packet = rtp(7, 1, 0);
        REQUIRE(protect(a, packet) == SrtpStatus::ok);
        const std::size_t whole = packet.length;
        for (std::size_t length = 0; length < whole; ++length) {
            Packet cut = packet;
            cut.length = length;
            CHECK(unprotect(b, cut) == SrtpStatus::too_short);
            CHECK(cut.length == length);
        }
        CHECK(unprotect(b, packet) == SrtpStatus::ok);

        Packet control = receiver_report(9);
        REQUIRE(protect_control(a, control) == SrtpStatus::ok);
        for (std::size_t length = 0; length < control.length; ++length) {
            Packet cut = control;
            cut.length = length;
            CHECK(unprotect_control(b, cut) == SrtpStatus::too_short);
        }
    }
}

TEST_CASE("a header that claims more than there is, is too short") {
    auto [a, b] = ends_with(SrtpProfile::aead_aes_128_gcm);
    Packet many_sources = rtp(7, 1, 20);
    many_sources.bytes[0] = 0x8f;
    CHECK(protect(a, many_sources) == SrtpStatus::too_short);
    CHECK(unprotect(b, many_sources) == SrtpStatus::too_short);
    Packet long_extension = rtp(7, 1, 20);
    long_extension.bytes[0] = 0x90;
    store_be16(&long_extension.bytes[14], 0xffff);
    CHECK(protect(a, long_extension) == SrtpStatus::too_short);
    CHECK(unprotect(b, long_extension) == SrtpStatus::too_short);
    Packet no_extension = rtp(7, 1, 2);
    no_extension.bytes[0] = 0x90;
    CHECK(protect(a, no_extension) == SrtpStatus::too_short);
}

TEST_CASE("no trailer is written where there is no room for it") {
    auto [a, b] = ends_with(SrtpProfile::aead_aes_128_gcm);
    Packet packet = rtp(7, 1);
    const auto plain = packet.copy();
    CHECK(a.protect_rtp(packet.bytes.data(), packet.length, packet.length + 15) ==
          SrtpStatus::no_room);
    CHECK(packet.copy() == plain);
    CHECK(a.protect_rtp(packet.bytes.data(), packet.length, packet.length + 16) == SrtpStatus::ok);
    Packet control = receiver_report(7);
    CHECK(a.protect_rtcp(control.bytes.data(), control.length, control.length + 19) ==
          SrtpStatus::no_room);
    CHECK(a.protect_rtcp(control.bytes.data(), control.length, control.length + 20) ==
          SrtpStatus::ok);
}

TEST_CASE("a forgotten SSRC starts anew") {
    auto [a, b] = ends_with(SrtpProfile::aead_aes_128_gcm);
    Packet packet = rtp(0x01020304, 1);
    REQUIRE(protect(a, packet) == SrtpStatus::ok);
    Packet first = packet;
    Packet second = packet;
    CHECK(unprotect(b, packet) == SrtpStatus::ok);
    CHECK(unprotect(b, first) == SrtpStatus::replay);
    b.forget_inbound(0x01020304);
    CHECK(b.inbound_streams() == 0);
    CHECK(unprotect(b, second) == SrtpStatus::ok);
    a.forget_outbound(0x01020304);
    a.forget_outbound(0x01020304);
    CHECK(a.outbound_streams() == 0);
}

TEST_CASE("a peer with endless SSRCs fills 1,024 streams, and the oldest go") {
    auto [a, b] = ends_with(SrtpProfile::aead_aes_128_gcm);
    Packet first = rtp(1, 1, 10);
    REQUIRE(protect(a, first) == SrtpStatus::ok);
    Packet again = first;
    REQUIRE(unprotect(b, first) == SrtpStatus::ok);
    for (std::uint32_t ssrc = 2; ssrc <= 2000; ++ssrc) {
        Packet packet = rtp(ssrc, 1, 10);
        REQUIRE(protect(a, packet) == SrtpStatus::ok);
        REQUIRE(unprotect(b, packet) == SrtpStatus::ok);
    }
    CHECK(b.inbound_streams() == SrtpTransport::kMaxStreams);
    CHECK(a.outbound_streams() == SrtpTransport::kMaxStreams);
    CHECK(unprotect(b, again) == SrtpStatus::ok);  // its stream, and so its history, is gone
}

}  // namespace jmeet::bridge
