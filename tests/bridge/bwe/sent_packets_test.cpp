#include <doctest/doctest.h>

#include <vector>

#include "bridge/bwe/sent_packets.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("numbers count from one and feedback finds what was sent") {
    SentPackets sent;
    const TimePoint t0{};
    CHECK(sent.next(100, t0) == 1);
    CHECK(sent.next(200, t0 + milliseconds(5)) == 2);
    const FeedbackItem items[] = {{1, microseconds(7)}, {2, std::nullopt}, {3, microseconds(9)}};
    const auto results = sent.on_feedback(items);
    REQUIRE(results.size() == 2);
    CHECK(results[0].size == 100);
    CHECK(results[0].arrival == microseconds(7));
    CHECK_FALSE(results[1].received());
    CHECK(results[1].sent == t0 + milliseconds(5));
    CHECK(sent.unmatched() == 1);
}

TEST_CASE("a packet is lost once, may be found later, and is then forgotten") {
    SentPackets sent;
    sent.next(100, {});
    const FeedbackItem lost{1, std::nullopt};
    const FeedbackItem found{1, microseconds(1)};
    CHECK(sent.on_feedback({&lost, 1}).size() == 1);
    CHECK(sent.on_feedback({&lost, 1}).empty());
    const auto late = sent.on_feedback({&found, 1});
    REQUIRE(late.size() == 1);
    CHECK(late[0].lost_before);
    CHECK(sent.on_feedback({&found, 1}).empty());
    CHECK(sent.unmatched() == 1);
}

TEST_CASE("numbers wrap, the history is bounded") {
    SentPackets sent;
    std::uint16_t last = 0;
    for (int i = 0; i < 70'000; ++i) last = sent.next(1, {});
    CHECK(last == static_cast<std::uint16_t>(70'000));
    const FeedbackItem recent{last, microseconds(1)};
    CHECK(sent.on_feedback({&recent, 1}).size() == 1);
    const FeedbackItem old{static_cast<std::uint16_t>(last - SentPackets::kHistory),
                           microseconds(1)};
    CHECK(sent.on_feedback({&old, 1}).empty());
}

TEST_CASE("a slow stream is remembered for four seconds, however few packets that are") {
    SentPackets sent;
    TimePoint now{seconds(100)};
    std::uint16_t last = 0;
    std::vector<TimePoint> at{{}};
    for (int i = 0; i < 1'000; ++i) {
        now += milliseconds(10) + microseconds(7);
        at.push_back(now);
        last = sent.next(1'200, now);
    }
    for (const int back : {0, 1, 100, 390}) {
        const auto number = static_cast<std::uint16_t>(last - back);
        const FeedbackItem item{number, microseconds(5)};
        const auto results = sent.on_feedback({&item, 1});
        REQUIRE(results.size() == 1);
        CHECK(results[0].sent == at[number]);
        CHECK(results[0].size == 1'200);
    }
    const FeedbackItem future{static_cast<std::uint16_t>(last + 1), microseconds(5)};
    CHECK(sent.on_feedback({&future, 1}).empty());
}
