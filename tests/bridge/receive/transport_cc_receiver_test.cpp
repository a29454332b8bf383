#include "bridge/receive/transport_cc_receiver.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "bridge/rtp/rtcp/transport_cc.hpp"
#include "tests/bridge/receive/packets.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// Feeds packets and takes the feedback apart, as the sender would.
struct Talk {
    TransportCcReceiver receiver;
    struct Feedback {
        std::uint16_t base = 0;
        std::vector<bool> received;
        std::uint8_t count = 0;
        std::size_t size = 0;
    };
    std::vector<Feedback> feedback;

    bool packet(int seq, double ms, bool marker = false) {
        const bool due =
            receiver.on_packet(static_cast<std::uint16_t>(seq), Ssrc(77), marker, at_ms(ms));
        if (due) take(ms);
        return due;
    }
    void take(double ms) {
        std::vector<std::uint8_t> out(rtcp::kMaxCompound);
        while (const std::size_t size = receiver.write_feedback(Ssrc(5), at_ms(ms), out)) {
            rtcp::CompoundReader reader(BytesView(out).first(size));
            const auto parsed = rtcp::TransportCc::parse(*reader.next());
            REQUIRE(parsed);
            CHECK(parsed->sender() == Ssrc(5));
            CHECK(parsed->media() == Ssrc(77));
            Feedback f{parsed->base_seq(), {}, parsed->feedback_count(), size};
            parsed->for_each([&](const rtcp::TccStatus& s) { f.received.push_back(s.received); });
            feedback.push_back(f);
        }
    }
};

}  // namespace

TEST_CASE("eleven packets at 10 ms give one feedback after 100 ms") {
    Talk talk;
    for (int i = 0; i <= 10; ++i) talk.packet(i, i * 10);
    REQUIRE(talk.feedback.size() == 1);
    CHECK(talk.feedback[0].received == std::vector<bool>(11, true));
    CHECK(talk.receiver.received() == 11);
    CHECK(talk.receiver.lost() == 0);
}

TEST_CASE("a marker hastens the feedback to 20 ms") {
    Talk talk;
    CHECK_FALSE(talk.packet(1, 0));
    CHECK_FALSE(talk.packet(2, 10));
    CHECK(talk.packet(3, 20, true));
    CHECK(talk.packet(4, 120));
    REQUIRE(talk.feedback.size() == 2);
    CHECK(talk.feedback[1].base == 4);
    CHECK(talk.feedback[0].count == 0);
    CHECK(talk.feedback[1].count == 1);
    CHECK_FALSE(talk.packet(5, 130, true));
}

TEST_CASE("very large gaps are reported in packets that stay small") {
    Talk talk;
    for (int i = 0; i <= 6; ++i) talk.packet(i * 10'000, i * 10);
    talk.take(60);
    CHECK(talk.receiver.received() == 7);
    CHECK(talk.receiver.lost() == 6 * 9999);
    for (const auto& f : talk.feedback) CHECK(f.size <= rtcp::kMaxCompound);
    std::size_t statuses = 0;
    for (const auto& f : talk.feedback) statuses += f.received.size();
    CHECK(statuses == 60'001);
}

TEST_CASE("a long stream wraps and gives one feedback every 100 ms") {
    Talk talk;
    std::size_t before = 0;
    for (int i = 0; i < 100'000; ++i) {
        talk.packet(i & 0xffff, i * 10.0);
        REQUIRE(talk.feedback.size() - before <= 1);
        before = talk.feedback.size();
    }
    CHECK(talk.feedback.size() == 9999);
    CHECK(talk.receiver.lost() == 0);
}

TEST_CASE("with every second number lost the reports alternate") {
    Talk talk;
    for (int i = 0; i < 50'000; ++i) talk.packet((i * 2) & 0xffff, i * 20.0);
    CHECK(talk.feedback.size() == 9999);
    // Lost numbers after the last report are not known as lost yet.
    CHECK(talk.receiver.lost() == 9999 * 5);
}

TEST_CASE("a report starts with the first number not reported, even a lost one") {
    Talk talk;
    for (int i = 0; i <= 10; ++i) talk.packet(i, i * 10);
    talk.packet(20, 300);
    REQUIRE(talk.feedback.size() == 2);
    CHECK(talk.feedback[1].base == 11);
    CHECK_FALSE(talk.feedback[1].received.front());
    CHECK(talk.feedback[1].received.size() == 10);
    CHECK(talk.feedback[1].received.back());
}

TEST_CASE("a late packet is reported as received after all") {
    Talk talk;
    for (int i = 0; i <= 8; ++i) talk.packet(i, i * 10);
    CHECK(talk.packet(10, 100));
    CHECK(talk.receiver.lost() == 1);
    talk.packet(9, 110);
    CHECK(talk.receiver.lost() == 0);
    CHECK(talk.packet(20, 210));
    REQUIRE(talk.feedback.size() == 2);
    CHECK(talk.feedback[1].base == 9);
    CHECK(talk.feedback[1].received[0]);
    CHECK(talk.feedback[1].received[1]);  // 10 is told again
    CHECK_FALSE(talk.feedback[1].received[2]);
    CHECK(talk.receiver.lost() == 9);
}

TEST_CASE("a packet that is too late does not call later ones lost") {
    Talk talk;
    for (int i = 0; i < 200; ++i) {
        if (i != 20) talk.packet(i, i * 10);
    }
    const std::size_t before = talk.feedback.size();
    talk.packet(20, 2000);
    talk.packet(200, 2100);
    for (std::size_t i = before; i < talk.feedback.size(); ++i) {
        for (bool received : talk.feedback[i].received) CHECK(received);
        CHECK(talk.feedback[i].base >= 190);
    }
    CHECK(talk.receiver.lost() == 0);
}

TEST_CASE("times further apart than a delta holds are split") {
    Talk talk;
    talk.packet(1, 0);
    talk.packet(2, 10);
    talk.packet(3, 20'000);
    REQUIRE(talk.feedback.size() == 2);
    CHECK(talk.feedback[0].received.size() == 2);
    CHECK(talk.feedback[1].base == 3);
}

TEST_CASE("a burst beyond the bound forgets its oldest, nothing breaks") {
    Talk talk;
    for (int i = 0; i < 10'000; ++i) {
        talk.receiver.on_packet(static_cast<std::uint16_t>(i), Ssrc(77), false, at_ms(i * 0.001));
    }
    CHECK(talk.receiver.due(at_ms(200)));
    talk.take(200);
    CHECK_FALSE(talk.receiver.due(at_ms(500)));
    std::size_t received = 0;
    for (const auto& f : talk.feedback) {
        for (bool r : f.received) received += r;
    }
    CHECK(received == 2048);
}

TEST_CASE("the timer finds feedback due when packets stop coming") {
    Talk talk;
    talk.packet(1, 0);
    CHECK_FALSE(talk.receiver.due(at_ms(99)));
    CHECK(talk.receiver.due(at_ms(100)));
    talk.take(100);
    CHECK(talk.feedback.size() == 1);
    CHECK_FALSE(talk.receiver.due(at_ms(1000)));
}
