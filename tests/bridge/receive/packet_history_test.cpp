#include "bridge/receive/packet_history.hpp"

#include <doctest/doctest.h>

#include <array>

#include "bridge/rtp/packet.hpp"
#include "tests/bridge/receive/packets.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

const std::array<std::uint8_t, 4> kPayload{1, 2, 3, 4};

PacketPtr packet(PacketPool& pool, int seq, double ms) {
    RtpHeader header;
    header.seq = static_cast<std::uint16_t>(seq);
    return make_packet(pool, header, kPayload, at_ms(ms));
}

}  // namespace

TEST_CASE("packets are found by their number until they are too old") {
    PacketPool pool(1024, 128);
    PacketHistory history;
    CHECK_FALSE(history.newest(at_ms(0)));
    for (int i = 65000; i < 65000 + 600; ++i) history.insert(packet(pool, i & 0xffff, i));
    CHECK(history.size() == PacketHistory::kMaxPackets);
    CHECK(pool.in_use() == PacketHistory::kMaxPackets);
    const PacketPtr* found = history.find(63, at_ms(65600));
    REQUIRE(found);
    CHECK(RtpPacket::parse(found->view())->seq() == 63);
    CHECK_FALSE(history.find(65000, at_ms(65600)));  // overwritten
    CHECK_FALSE(history.find(64, at_ms(65600)));     // not come yet
    CHECK(RtpPacket::parse(history.newest(at_ms(65600))->view())->seq() == 63);
    CHECK(history.find(63, at_ms(68599)));
    CHECK_FALSE(history.find(63, at_ms(68600)));
}

TEST_CASE("what is too old is freed when the timer says so") {
    PacketPool pool(64, 64);
    {
        PacketHistory history;
        history.insert(packet(pool, 1, 0));
        history.insert(packet(pool, 2, 2000));
        history.expire(at_ms(3000));
        CHECK(history.size() == 2);
        history.expire(at_ms(3001));
        CHECK(history.size() == 1);
        CHECK(pool.in_use() == 1);
        CHECK(history.find(2, at_ms(3001)));
        history.clear();
        CHECK(pool.in_use() == 0);
        history.insert(packet(pool, 9, 0));
        CHECK(history.newest(at_ms(1)));
    }
    CHECK(pool.in_use() == 0);
}

TEST_CASE("a very late packet does not push out a newer one, a repeated one replaces itself") {
    PacketPool pool(64, 64);
    PacketHistory history;
    history.insert(packet(pool, 600, 0));
    history.insert(packet(pool, 600 - 512, 1));
    CHECK(history.find(600, at_ms(1)));
    CHECK_FALSE(history.find(88, at_ms(1)));
    history.insert(packet(pool, 600, 2));
    CHECK(history.size() == 1);
    CHECK(pool.in_use() == 1);
    history.insert({});
    CHECK(history.size() == 1);
}
