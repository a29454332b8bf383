// What a queue means: whether to fall, how far, how fast to grow; and the way back when it is gone.
#include <doctest/doctest.h>

#include "bridge/bwe/queue_policy.hpp"
#include "bridge/bwe/way_back.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

TimePoint at(int ms) { return TimePoint{} + milliseconds(ms); }

// Feedback every 50 ms about one packet that has waited so long.
struct Queue {
    QueuePolicy policy{};
    int now = 0;

    Queue() { wait(0); }
    void wait(int ms, QueuePolicy::Shadow shadow = QueuePolicy::Shadow::none) {
        now += 50;
        PacketResult p;
        p.sent = at(now);
        p.size = 1'000;
        p.arrival = milliseconds(now + 100 + ms);
        policy.on_feedback({&p, 1}, milliseconds(3), shadow, at(now));
    }
    LinkUse judge(LinkUse trend) { return policy.judge(trend, at(now)); }
    LinkUse standing() {
        return policy.judge_standing(LinkUse::normal, milliseconds(100), at(now));
    }
};

}  // namespace

TEST_CASE("a queue that goes between two frames does not stand") {
    Queue queue;
    for (int i = 0; i < 20; ++i) {
        queue.wait(i % 3 == 0 ? 2 : 40);
        if (i > 6) CHECK(queue.policy.standing() <= milliseconds(2));
    }
    for (int i = 0; i < 8; ++i) queue.wait(30);
    CHECK(queue.policy.standing() == milliseconds(30));
}

TEST_CASE("a growing queue that hardly exists is no reason to fall until it goes on") {
    Queue queue;
    queue.wait(5);
    CHECK(queue.judge(LinkUse::over) == LinkUse::under);
    queue.wait(10);
    CHECK(queue.judge(LinkUse::over) == LinkUse::under);
    for (int i = 0; i < 8; ++i) queue.wait(10);
    CHECK(queue.judge(LinkUse::over) == LinkUse::over);
    Queue longer;
    longer.wait(8);
    longer.wait(19);
    CHECK(longer.judge(LinkUse::over) == LinkUse::over);
}

TEST_CASE("a queue that grows fast twice is answered at once, unless probes made it") {
    Queue queue;
    queue.wait(20);
    CHECK(queue.judge(LinkUse::normal) == LinkUse::normal);
    queue.wait(40);
    CHECK(queue.judge(LinkUse::normal) == LinkUse::over);
    CHECK(queue.policy.grip().urgent);
    CHECK(queue.policy.grip().least == 0);
    CHECK(queue.policy.window() == milliseconds(100));
    queue.wait(60);
    CHECK(queue.judge(LinkUse::normal) == LinkUse::over);
    CHECK_FALSE(queue.policy.grip().urgent);
    Queue probed;
    probed.wait(20, QueuePolicy::Shadow::probe);
    probed.wait(40, QueuePolicy::Shadow::probe);
    CHECK(probed.judge(LinkUse::normal) == LinkUse::normal);
}

TEST_CASE("what stands slows growth, and is emptied by three steps at most") {
    Queue queue;
    CHECK(queue.policy.grip().growth == 1);
    for (int i = 0; i < 8; ++i) queue.wait(11);
    CHECK(queue.policy.grip().growth > 0.4);
    CHECK(queue.policy.grip().growth < 0.6);
    int steps = 0;
    for (int i = 0; i < 200; ++i) {
        queue.wait(40);
        if (queue.standing() == LinkUse::over) ++steps;
    }
    CHECK(queue.policy.grip().growth == 0);
    CHECK(steps == 3);
    // A long one every second.
    for (int i = 0; i < 200; ++i) {
        queue.wait(150);
        if (queue.standing() == LinkUse::over) ++steps;
    }
    CHECK(steps >= 12);
    CHECK(steps <= 14);
}

TEST_CASE("the longer the queue, the less is kept") {
    Queue queue;
    queue.wait(30);
    queue.wait(30);
    CHECK(queue.policy.grip().back_off == doctest::Approx(0.92));
    CHECK(queue.policy.grip().least > 0.8);
    queue.wait(156);  // 100 ms beyond a full one
    queue.wait(156);
    CHECK(queue.policy.grip().back_off == doctest::Approx(0.65));
    CHECK(queue.policy.grip().least == 0);
    queue.wait(900);
    queue.wait(900);
    CHECK(queue.policy.grip().back_off == doctest::Approx(0.25));
}

TEST_CASE("when a long queue is gone the rate climbs back within a second") {
    WayBack way;
    CHECK_FALSE(way.climb(300'000, WayBack::Queue::empty, at(0)));
    way.on_full(1'200'000);
    way.on_full(1'000'000);
    way.on_full(1'100'000);
    CHECK_FALSE(way.climb(300'000, WayBack::Queue::longer, at(100)));
    std::int64_t rate = 300'000;
    int ms = 200;
    while (const auto next = way.climb(rate, WayBack::Queue::empty, at(ms))) {
        CHECK(*next >= rate);
        CHECK(*next <= rate + 51'000);
        rate = *next;
        ms += 50;
    }
    CHECK(rate == 880'000);
    CHECK(ms <= 1'000);
}

TEST_CASE("the way back waits while there is a queue, and begins again behind an overuse") {
    WayBack way;
    way.on_full(1'000'000);
    way.climb(300'000, WayBack::Queue::empty, at(0));
    CHECK(way.climb(300'000, WayBack::Queue::short_one, at(100)) == 400'000);
    CHECK(way.climb(400'000, WayBack::Queue::longer, at(200)) == 400'000);
    way.on_overuse();
    CHECK_FALSE(way.climb(350'000, WayBack::Queue::short_one, at(300)));
    CHECK(way.climb(350'000, WayBack::Queue::empty, at(400)) == 350'000);
    // Who is there already needs no way back.
    CHECK(way.climb(950'000, WayBack::Queue::empty, at(500)));
    CHECK_FALSE(way.climb(950'000, WayBack::Queue::empty, at(600)));
}
