#include <doctest/doctest.h>

#include "bridge/deadline_queue.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {
constexpr EndpointToken kA{1};
constexpr EndpointToken kB{2};
const TimePoint kBegin{seconds(10)};
}  // namespace

TEST_CASE("endpoints come out in the order of their deadlines") {
    DeadlineQueue queue;
    queue.arm(kA, kBegin + milliseconds(20));
    queue.arm(kB, kBegin + milliseconds(10));
    CHECK(queue.next() == kBegin + milliseconds(10));
    CHECK_FALSE(queue.take_due(kBegin).has_value());
    CHECK(queue.take_due(kBegin + milliseconds(30)) == kB);
    CHECK(queue.take_due(kBegin + milliseconds(30)) == kA);
    CHECK_FALSE(queue.take_due(kBegin + milliseconds(30)).has_value());
}

TEST_CASE("the earlier of two deadlines counts, once") {
    DeadlineQueue queue;
    queue.arm(kA, kBegin + milliseconds(20));
    queue.arm(kA, kBegin + milliseconds(5));
    queue.arm(kA, kBegin + milliseconds(15));
    CHECK(queue.take_due(kBegin + milliseconds(5)) == kA);
    CHECK_FALSE(queue.take_due(kBegin + seconds(1)).has_value());
}

TEST_CASE("a removed endpoint never comes out, and never is no deadline") {
    DeadlineQueue queue;
    queue.arm(kA, kBegin);
    queue.remove(kA);
    queue.arm(kB, TimePoint::max());
    CHECK_FALSE(queue.take_due(kBegin + seconds(1)).has_value());
    CHECK(queue.size() == 0);
}

TEST_CASE("re-arming again and again does not grow without bound") {
    DeadlineQueue queue;
    for (int i = 0; i < 100'000; ++i) queue.arm(kA, kBegin + milliseconds(100'000 - i));
    CHECK(queue.take_due(kBegin + milliseconds(1)) == kA);
    CHECK_FALSE(queue.take_due(kBegin + seconds(1'000)).has_value());
}
