#include "bridge/rtp/rtcp/transport_cc.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::rtcp;

namespace {

TransportCc parsed(const std::vector<std::uint8_t>& bytes) {
    CompoundReader reader(bytes);
    const auto packet = reader.next();
    REQUIRE(packet);
    const auto feedback = TransportCc::parse(*packet);
    REQUIRE(feedback);
    return *feedback;
}

bool refused(const std::string& text) {
    const auto bytes = from_hex(text);
    CompoundReader reader(bytes);
    const auto packet = reader.next();
    return packet && !TransportCc::parse(*packet);
}

std::vector<TccStatus> statuses(const TransportCc& feedback) {
    std::vector<TccStatus> all;
    feedback.for_each([&](const TccStatus& s) { all.push_back(s); });
    return all;
}

std::vector<std::uint8_t> written(const TransportCcBuilder& builder) {
    std::vector<std::uint8_t> out(kMaxCompound);
    out.resize(builder.write(Ssrc(1), Ssrc(2), 3, out));
    return out;
}

TimePoint ms(double n) {
    return TimePoint(std::chrono::duration_cast<Duration>(
        std::chrono::duration<double, std::milli>(5'000'000 + n)));
}

}  // namespace

TEST_CASE("feedback of Chromium in the trace: two packets, deltas of 9 and 3.25 ms") {
    const auto bytes = from_hex("8fcd0005e4b785b474c8041800010002009ee6002002240d");
    const TransportCc f = parsed(bytes);
    CHECK(f.sender() == Ssrc(3837232564));
    CHECK(f.media() == Ssrc(1959265304));
    CHECK(f.base_seq() == 1);
    CHECK(f.status_count() == 2);
    CHECK(f.reference_time() == 0x9ee6);
    CHECK(f.feedback_count() == 0);
    const auto all = statuses(f);
    REQUIRE(all.size() == 2);
    CHECK(all[0].seq == 1);
    CHECK(all[0].received);
    CHECK((all[0].at - f.reference()).count() == 0x24);
    CHECK(all[1].seq == 2);
    CHECK((all[1].at - all[0].at).count() == 0x0d);
}

TEST_CASE("feedback with padding, and the bridge's own, of the traces") {
    const auto padded_bytes = from_hex("afcd000583bbaf8685a64d3d0001000100b4880020017c01");
    const TransportCc padded = parsed(padded_bytes);
    CHECK(padded.status_count() == 1);
    CHECK((statuses(padded)[0].at - padded.reference()).count() == 0x7c);
    const auto own_bytes = from_hex("8fcd0005914fe548497950fe0001000241ac170020023120");
    const TransportCc own = parsed(own_bytes);
    CHECK(own.reference_time() == 0x41ac17);
    CHECK((statuses(own)[1].at - own.reference()).count() == 0x31 + 0x20);
}

TEST_CASE("all three kinds of chunk are read") {
    // base 10, nine statuses: two-bit vector (1,0,2,0,0,1,0), then a run of two lost.
    const auto mixed = from_hex(
        "8fcd0006 00000001 00000002 000a0009 00000100 d204 0002 04 fffc 08");
    const auto all = statuses(parsed(mixed));
    REQUIRE(all.size() == 9);
    CHECK(all[0].received);
    CHECK(all[0].at.count() == 256 + 4);
    CHECK_FALSE(all[1].received);
    CHECK(all[2].at.count() == 256 + 0);  // a negative delta
    CHECK(all[5].at.count() == 256 + 8);
    CHECK_FALSE(all[8].received);
    CHECK(all[8].seq == 18);
    // One-bit vector of fourteen.
    const auto bits =
        from_hex("8fcd0005 00000001 00000002 ffff000e 00000000 a001 0505");
    const auto ones = statuses(parsed(bits));
    REQUIRE(ones.size() == 14);
    CHECK(ones[0].received);
    CHECK_FALSE(ones[1].received);
    CHECK(ones[13].received);
    CHECK(ones[13].seq == 12);  // wraps
}

TEST_CASE("feedback that announces more than it carries is refused") {
    CHECK(refused("8fcd0004 00000001 00000002 00010001 00000000"));          // no chunk
    CHECK(refused("8fcd0005 00000001 00000002 00010000 00000000 20010000"));  // no status
    CHECK(refused("8fcd0005 00000001 00000002 00010003 00000000 20030101"));  // delta missing
    CHECK(refused("8fcd0005 00000001 00000002 00010003 00000000 60030101"));  // symbol 3
    CHECK(refused("8fcd0005 00000001 00000002 00010003 00000000 00000101"));  // empty run
    CHECK(refused("8fcd0002 00000001 00000002"));
}

TEST_CASE("a builder reports what was added, lost numbers between included") {
    TransportCcBuilder builder(65534, ms(0));
    CHECK(builder.add_received(65535, ms(0)));
    CHECK(builder.add_received(0, ms(1.25)));
    CHECK(builder.add_received(3, ms(100)));
    CHECK(builder.add_received(4, ms(99)));  // arrived before the one ahead of it
    const auto bytes = written(builder);
    CHECK(bytes.size() % 4 == 0);
    const TransportCc f = parsed(bytes);
    CHECK(f.sender() == Ssrc(1));
    CHECK(f.media() == Ssrc(2));
    CHECK(f.feedback_count() == 3);
    CHECK(f.base_seq() == 65534);
    const auto all = statuses(f);
    REQUIRE(all.size() == 7);
    const std::vector<bool> expected{false, true, true, false, false, true, true};
    for (std::size_t i = 0; i < 7; ++i) CHECK(all[i].received == expected[i]);
    CHECK((all[2].at - all[1].at).count() == 5);
    CHECK((all[5].at - all[1].at).count() == 400);
    CHECK((all[6].at - all[5].at).count() == -4);
    CHECK(all[1].at.count() % (256 * 65536 * 256ll) ==
          std::chrono::floor<TccTicks>(ms(0).time_since_epoch()).count() % (256 * 65536 * 256ll));
}

TEST_CASE("a builder refuses what the packet cannot carry") {
    TransportCcBuilder far_apart(0, ms(0));
    CHECK(far_apart.add_received(0, ms(0)));
    CHECK_FALSE(far_apart.add_received(1, ms(9000)));
    CHECK_FALSE(far_apart.add_received(1, ms(-9000)));
    CHECK(far_apart.add_received(1, ms(8000)));

    TransportCcBuilder many(0, ms(0));
    std::uint16_t seq = 0;
    while (many.add_received(seq, ms(seq * 100.0))) seq += 2;
    const auto bytes = written(many);
    CHECK(bytes.size() <= kMaxCompound);
    CHECK(bytes.size() > kMaxCompound - 40);
    CHECK(statuses(parsed(bytes)).size() == many.status_count());

    const TransportCcBuilder empty(0, ms(0));
    std::vector<std::uint8_t> out(kMaxCompound);
    CHECK(empty.write(Ssrc(1), Ssrc(2), 0, out) == 0);
    CHECK(many.write(Ssrc(1), Ssrc(2), 0, Bytes(out).first(100)) == 0);
}

TEST_CASE("whatever pattern of loss and delay is built is read back the same") {
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        std::map<std::uint16_t, std::int64_t> sent;
        const auto base = static_cast<std::uint16_t>(random());
        std::int64_t tick = 20'000'000;
        const auto at = [](std::int64_t t) {
            return TimePoint(std::chrono::duration_cast<Duration>(TccTicks(t)));
        };
        TransportCcBuilder builder(base, at(tick));
        std::uint16_t seq = base;
        const unsigned loss = random() % 4;
        const unsigned jump = random() % 3 == 0 ? 400 : 40;
        for (int i = 0; i < 300; ++i) {
            if (loss && random() % (loss * 2) == 0) {
                seq = static_cast<std::uint16_t>(seq + random() % (random() % 20 == 0 ? 9000 : 5));
            }
            if (!builder.add_received(seq, at(tick))) break;
            sent[seq++] = tick;
            tick += static_cast<std::int64_t>(random() % jump) - (random() % 9 == 0 ? 20 : 0);
        }
        const auto bytes = written(builder);
        const auto all = statuses(parsed(bytes));
        std::size_t received = 0;
        std::int64_t offset = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            REQUIRE(all[i].seq == static_cast<std::uint16_t>(base + i));
            const auto known = sent.find(all[i].seq);
            REQUIRE(all[i].received == (known != sent.end()));
            if (!all[i].received) continue;
            // The reference time has 24 bits: everything is off by the same amount.
            if (received == 0) offset = known->second - all[i].at.count();
            REQUIRE(all[i].at.count() + offset == known->second);
            ++received;
        }
        REQUIRE(received == sent.size());
    }
}
