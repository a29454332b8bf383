#include "bridge/receive/packet_history.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "bridge/rtp/packet.hpp"
#include "tests/bridge/receive/packets.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

const std::array<std::uint8_t, 4> kPayload{1, 2, 3, 4};

PacketPtr packet(PacketPool& pool, int seq, double ms, BytesView payload = kPayload) {
    RtpHeader header;
    header.seq = static_cast<std::uint16_t>(seq);
    return make_packet(pool, header, payload, at_ms(ms));
}

}  // namespace

TEST_CASE("packets are found by their number until they are too old") {
    PacketPool pool(1024, 128);
    PacketHistory history;
    CHECK_FALSE(history.newest(at_ms(0)));
    for (int i = 65000; i < 65000 + 600; ++i) history.insert(packet(pool, i & 0xffff, i));
    CHECK(pool.in_use() == 0);
    const auto found = history.find(63, at_ms(65600));
    REQUIRE(found);
    CHECK(RtpPacket::parse(*found)->seq() == 63);
    CHECK_FALSE(history.find(65000, at_ms(65600)));  // overwritten
    CHECK(history.find(65000 + 600 - 512, at_ms(65600)));
    CHECK_FALSE(history.find(64, at_ms(65600)));  // not come yet
    CHECK(RtpPacket::parse(*history.newest(at_ms(65600)))->seq() == 63);
    CHECK(history.find(63, at_ms(67599)));
    CHECK_FALSE(history.find(63, at_ms(67600)));
}

TEST_CASE("a stream that has fallen silent keeps no memory") {
    PacketPool pool(64, 64);
    PacketHistory history;
    history.insert(packet(pool, 1, 0));
    history.insert(packet(pool, 2, 2000));
    history.expire(at_ms(4000));
    CHECK_FALSE(history.find(1, at_ms(4000)));
    CHECK(history.find(2, at_ms(4000)));
    history.expire(at_ms(4001));
    CHECK(history.empty());
    CHECK(history.capacity() == 0);
    history.insert(packet(pool, 9, 6000));
    CHECK(history.newest(at_ms(6001)));
    history.clear();
    CHECK(history.empty());
}

TEST_CASE("a very late packet does not push out a newer one, a repeated one replaces itself") {
    PacketPool pool(64, 64);
    PacketHistory history;
    history.insert(packet(pool, 600, 0));
    history.insert(packet(pool, 600 - 512, 1));
    CHECK(history.find(600, at_ms(1)));
    CHECK_FALSE(history.find(88, at_ms(1)));
    history.insert(packet(pool, 600, 2));
    CHECK(history.find(600, at_ms(2)));
    history.insert({});
    CHECK(history.find(600, at_ms(2)));
}

TEST_CASE("two seconds of a stream stay whole, in memory of its size") {
    PacketPool pool(64, 64);
    PacketHistory history;
    std::vector<std::uint8_t> payload(700);
    int seq = 0;
    // 30 packets a second, of different sizes, for a minute.
    for (; seq < 1'800; ++seq) {
        payload.resize(500 + static_cast<std::size_t>(seq * 37 % 400));
        std::fill(payload.begin(), payload.end(), static_cast<std::uint8_t>(seq));
        history.insert(packet(pool, seq, seq * 33.3, payload));
        history.expire(at_ms(seq * 33.3));
    }
    const double now = (seq - 1) * 33.3;
    for (int back = 0; back < 59; ++back) {
        const int wanted = seq - 1 - back;
        const auto found = history.find(static_cast<std::uint16_t>(wanted), at_ms(now));
        REQUIRE(found);
        const auto rtp = RtpPacket::parse(*found);
        REQUIRE(rtp);
        CHECK(rtp->seq() == wanted);
        CHECK(rtp->payload().size() == 500 + static_cast<std::size_t>(wanted * 37 % 400));
        CHECK(std::all_of(rtp->payload().begin(), rtp->payload().end(),
                          [&](auto b) { return b == static_cast<std::uint8_t>(wanted); }));
    }
    // Two seconds are 42,000 bytes.
    CHECK(history.capacity() < 64'000);
}

TEST_CASE("the largest stream keeps a bounded memory") {
    PacketPool pool(64, 64);
    PacketHistory history;
    const std::vector<std::uint8_t> payload(1'400);
    for (int i = 0; i < 20'000; ++i) history.insert(packet(pool, i & 0xffff, i / 10.0, payload));
    CHECK(history.capacity() == PacketHistory::kMaxBytes);
    CHECK(history.find(19'999, at_ms(2'000)));
    CHECK(history.find(19'999 - 511, at_ms(2'000)));
}
