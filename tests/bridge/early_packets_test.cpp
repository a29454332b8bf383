// Media that comes before the handshake is done here.
#include "bridge/early_packets.hpp"

#include <doctest/doctest.h>

#include <array>

#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

struct KeptEarly {
    DropCounters drops;
    EarlyPackets early{drops};
    const Address from = *Address::parse("192.0.2.1", 1234);
    const TimePoint start = TimePoint{} + seconds(100);

    void keep(std::uint8_t name, Duration at) {
        const std::array bytes{name};
        early.keep(bytes, from, DatagramKind::rtp, start + at);
    }
    std::uint64_t dropped() const { return drops[DropReason::srtp_not_ready]; }
};

}  // namespace

TEST_CASE("early packets come out as they came, once") {
    KeptEarly f;
    f.keep(1, milliseconds(0));
    f.keep(2, milliseconds(20));
    const auto packets = f.early.take(f.start + milliseconds(30));
    REQUIRE(packets.size() == 2);
    CHECK(packets[0].bytes[0] == 1);
    CHECK(packets[1].bytes[0] == 2);
    CHECK(packets[1].from == f.from);
    CHECK(packets[1].at == f.start + milliseconds(20));
    CHECK(f.early.take(f.start + milliseconds(30)).empty());
    CHECK(f.dropped() == 0);
}

TEST_CASE("early packets that waited too long are dropped, and so is what there is no room for") {
    KeptEarly f;
    f.keep(1, milliseconds(0));
    f.keep(2, milliseconds(150));
    f.keep(3, milliseconds(210));
    CHECK(f.dropped() == 1);
    {
        const auto packets = f.early.take(f.start + milliseconds(350));
        REQUIRE(packets.size() == 2);
        CHECK(packets[0].bytes[0] == 2);
    }
    for (std::size_t i = 0; i < EarlyPackets::kMax + 5; ++i) f.keep(4, seconds(1));
    CHECK(f.dropped() == 6);
    f.early.clear();
    CHECK(f.dropped() == 6 + EarlyPackets::kMax);
}

TEST_CASE("what a client sends right behind its last handshake flight is heard, even before it") {
    // The bridge is the DTLS client, and the peer's Finished comes last of all.
    Call call;
    auto& b = call.join({.id = "bbbbbbbb", .first_ssrc = 2000});
    bool all_heard = false;
    // A machine that stands still for 200 ms between the two may lose what came first.
    for (std::uint32_t attempt = 0; attempt < 5 && !all_heard; ++attempt) {
        auto& c = call.begin({.id = "cccccc0" + std::to_string(attempt),
                              .sctp = false,
                              .dtls_server = true,
                              .late_finished = true,
                              .first_ssrc = 3000 + 100 * attempt});
        REQUIRE(call.until([&] { return c.connected(); }));
        for (int i = 0; i < 5; ++i) c.send_audio(20, Clock::now());
        c.send_held();
        REQUIRE(call.until_doing([&] { return b.rtp_of(c.audio_ssrc()).size() >= 10; },
                                 [&] { c.send_audio(20, Clock::now()); }));
        all_heard = b.rtp_of(c.audio_ssrc())[0].view().seq() == TestClient::kFirstAudioSeq;
    }
    CHECK(all_heard);
}
