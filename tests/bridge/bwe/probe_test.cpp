// Trains of probe packets: when they are wanted, how they are sent, what they say.
#include <doctest/doctest.h>

#include <initializer_list>

#include "bridge/bwe/application_limit.hpp"
#include "bridge/bwe/probe_control.hpp"
#include "bridge/bwe/probe_rate.hpp"
#include "bridge/bwe/prober.hpp"
#include "bridge/bwe/queue_delay.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

TimePoint at(int ms) { return TimePoint{} + milliseconds(ms); }

PacketResult packet(int sent, int arrival, std::uint32_t size, ProbeId probe) {
    PacketResult p;
    p.sent = at(sent);
    p.arrival = milliseconds(arrival);
    p.size = size;
    p.probe = probe;
    return p;
}

struct Times {
    int sent;
    int arrival;
    std::uint32_t size = 1'000;
};

// What a train of so many bits per second shows after all its packets.
std::optional<std::int64_t> shown(std::initializer_list<Times> packets,
                                  std::int64_t bps = 800'000) {
    ProbeRate rate;
    rate.expect({1, bps});
    std::optional<std::int64_t> result;
    for (const Times& t : packets) result = rate.on_received(packet(t.sent, t.arrival, t.size, 1));
    return result;
}

void check_near(std::optional<std::int64_t> value, std::int64_t expected) {
    REQUIRE(value);
    CHECK(*value > expected * 99 / 100);
    CHECK(*value < expected * 101 / 100);
}

ProbeControl::View wanting(std::int64_t estimate, std::int64_t wanted) {
    return {.estimate_bps = estimate, .wanted_bps = wanted};
}

}  // namespace

TEST_CASE("a train that arrives as it was sent shows its rate") {
    check_near(shown({{0, 15}, {10, 30}, {20, 35}, {30, 40}}), 800'000);
    check_near(shown({{0, 15}, {10, 30}, {20, 35}, {30, 40, 1'500}}), 800'000);
}

TEST_CASE("a train that arrives faster than it can have been sent says nothing") {
    CHECK_FALSE(shown({{0, 19}, {10, 22}, {20, 25}, {30, 27}}));
    CHECK_FALSE(shown({{0, 50}, {10, 50}, {20, 50}, {30, 50}}));
}

TEST_CASE("a train that fills the link shows what came through, less five per cent") {
    check_near(shown({{0, 10}, {10, 40}, {20, 70}, {30, 85}}), 304'000);
    check_near(shown({{0, 10}, {10, 20}, {20, 30}, {40, 60}}), 456'000);
    check_near(shown({{0, 10}, {10, 20}, {20, 30}, {40, 60}, {50, 60}}), 640'000);
}

TEST_CASE("fewer than four in five of a train say nothing") {
    CHECK_FALSE(shown({{0, 15}, {10, 30}, {20, 35}}));
    CHECK_FALSE(shown({{0, 15}, {10, 30}, {20, 35}, {30, 40}}, 8'000'000));
}

TEST_CASE("packets that leave together are one step of a train") {
    // Five bursts of two, 10 ms apart: 1.6 Mbps, over a link that carries more.
    ProbeRate rate;
    rate.expect({1, 1'600'000});
    std::optional<std::int64_t> result;
    for (int burst = 0; burst < 5; ++burst) {
        rate.on_received(packet(10 * burst, 50 + 10 * burst, 1'000, 1));
        result = rate.on_received(packet(10 * burst, 51 + 10 * burst, 1'000, 1));
    }
    check_near(result, 1'600'000);
}

TEST_CASE("media between probe packets has its share of the link and counts") {
    ProbeRate rate;
    rate.expect({1, 800'000});
    std::optional<std::int64_t> result;
    for (int i = 0; i < 6; ++i) {
        result = rate.on_received(packet(10 * i, 50 + 20 * i, 1'000, 1));
        rate.on_received(packet(10 * i + 5, 60 + 20 * i, 1'000, kNoProbe));
    }
    check_near(result, 760'000);  // 0.95 of what the link carried, not of the probes alone
}

TEST_CASE("a train is sent at its rate whatever the timer's steps") {
    for (const int step : {1, 5, 10}) {
        CAPTURE(step);
        Prober prober;
        const ProbeCluster cluster = prober.start(4'000'000, at(0));
        std::size_t sent = 0;
        int last = 0;
        for (int t = 0; t < 100 && prober.busy(); t += step) {
            const PaddingOrder order = prober.due(at(t));
            if (order.bytes == 0) continue;
            CHECK(order.probe == cluster.id);
            sent += order.bytes;
            last = t;
            prober.on_sent(order, order.bytes);
        }
        CHECK_FALSE(prober.busy());
        CHECK(sent == cluster.bytes());
        CHECK(last == 20);
    }
}

TEST_CASE("a train whose next packets come too late ends") {
    Prober prober;
    prober.start(4'000'000, at(0));
    const PaddingOrder order = prober.due(at(50));  // the first call begins it
    CHECK(order.bytes > 0);
    prober.on_sent(order, order.bytes);
    CHECK(prober.due(at(71)).bytes == 0);
    CHECK_FALSE(prober.busy());
}

TEST_CASE("a train ends when nothing can be sent, and counts what was") {
    Prober prober;
    prober.start(4'000'000, at(0));
    for (int t = 0; t < 600; t += 10) prober.on_sent(prober.due(at(t)), 0);
    CHECK_FALSE(prober.busy());
    const ProbeCluster next = prober.start(4'000'000, at(1'000));
    prober.on_sent(prober.due(at(1'000)), next.bytes());
    CHECK_FALSE(prober.busy());
}

TEST_CASE("no probe for who has what it wants, or while a queue grows or losses lower the rate") {
    ProbeControl control({});
    control.on_estimate(wanting(2'500'000, 5'000'000), at(0));
    CHECK_FALSE(control.wish(wanting(2'500'000, 2'000'000), at(2'000)));
    auto view = wanting(2'500'000, 5'000'000);
    view.use = LinkUse::over;
    CHECK_FALSE(control.wish(view, at(2'000)));
    view.use = LinkUse::normal;
    view.queue = milliseconds(60);
    CHECK_FALSE(control.wish(view, at(2'000)));
    view.queue = {};
    view.loss = LossState::decreasing;
    CHECK_FALSE(control.wish(view, at(2'000)));
    view.loss = LossState::none;
    CHECK(control.wish(view, at(2'000)));
}

TEST_CASE("probes begin at three times the estimate and double while they succeed") {
    ProbeControl control({});
    control.on_estimate(wanting(2'500'000, 19'000'000), at(0));
    CHECK_FALSE(control.wish(wanting(2'500'000, 19'000'000), at(100)));  // too early to know
    CHECK(control.wish(wanting(2'500'000, 19'000'000), at(1'000)) == 7'500'000);
    CHECK_FALSE(control.wish(wanting(2'500'000, 19'000'000), at(1'010)));  // an answer is due
    control.on_result(7'400'000, at(1'200));
    CHECK(control.wish(wanting(7'400'000, 19'000'000), at(1'210)) == 14'800'000);
}

TEST_CASE("a probe goes little beyond what is wanted and never beyond the maximum") {
    ProbeControl control({});
    control.on_estimate(wanting(2'500'000, 4'000'000), at(0));
    CHECK(control.wish(wanting(2'500'000, 4'000'000), at(1'000)) == 5'000'000);
    ProbeControl small({.max_bps = 3'000'000});
    small.on_estimate(wanting(2'500'000, 4'000'000), at(0));
    CHECK(small.wish(wanting(2'500'000, 4'000'000), at(1'000)) == 3'000'000);
}

TEST_CASE("a probe that shows no more than is known is tried again later, and later still") {
    const auto probes = [](bool answered) {
        ProbeControl control({});
        const auto view = wanting(1'000'000, 9'000'000);
        int count = 0;
        for (int t = 0; t < 60'000; t += 50) {
            control.on_estimate(view, at(t));
            if (!control.wish(view, at(t))) continue;
            ++count;
            if (answered) control.on_result(1'000'000, at(t + 40));
        }
        return count;
    };
    CHECK(probes(true) > 8);
    CHECK(probes(true) < 16);
    // One of which nothing is heard says nothing against the link.
    CHECK(probes(false) > 18);
    CHECK(probes(false) < 35);
}

TEST_CASE("a rise that ended in a queue makes the next ones smaller") {
    ProbeControl control({});
    auto view = wanting(1'000'000, 9'000'000);
    control.on_estimate(view, at(0));
    CHECK(control.believe(2'000'000, 1'000'000, at(1'500)) == 2'000'000);
    CHECK(control.wish(view, at(1'000)));
    control.on_result(2'000'000, at(1'100));
    view.use = LinkUse::over;
    control.on_estimate(view, at(1'500));
    CHECK(control.believe(2'000'000, 1'000'000, at(1'500)) == 1'500'000);
    CHECK(control.believe(900'000, 1'000'000, at(1'500)) == 900'000);
}

TEST_CASE("who knows how much a full link carried climbs by steps, and stays on each for a while") {
    ProbeControl control({});
    auto view = wanting(1'000'000, 9'000'000);
    control.on_estimate(view, at(0));
    view.use = LinkUse::over;
    control.on_estimate(view, at(1'000));
    view.use = LinkUse::normal;
    for (int t = 1'050; t <= 4'000; t += 50) control.on_estimate(view, at(t));
    CHECK(control.wish(view, at(4'000)) == 1'500'000);
    // A shaper lets any train pass.
    CHECK(control.believe(9'000'000, 1'000'000, at(4'100)) == 1'500'000);
    control.on_result(1'500'000, at(4'100));
    view.estimate_bps = 1'500'000;
    CHECK_FALSE(control.wish(view, at(4'500)));
    CHECK(control.wish(view, at(4'600)) == 2'250'000);
    CHECK(control.believe(9'000'000, 1'000'000, at(30'000)) == 9'000'000);
}

TEST_CASE("after a sudden fall the way back is probed") {
    ProbeControl control({});
    auto before = wanting(5'000'000, 9'000'000);
    before.acked_bps = 4'000'000;  // only so much is known to have come through
    control.on_estimate(before, at(0));
    control.wish(before, at(1'000));
    auto view = wanting(1'500'000, 9'000'000);
    view.use = LinkUse::over;
    control.on_estimate(view, at(2'100));
    view.use = LinkUse::normal;
    control.on_estimate(view, at(2'200));
    CHECK_FALSE(control.wish(view, at(2'300)));
    CHECK(control.wish(view, at(3'000)) == 3'400'000);
    // A train of many times the rate would be a long queue.
    view.estimate_bps = 500'000;
    control.on_estimate(view, at(4'500));
    CHECK(control.wish(view, at(5'500)) == 1'500'000);
}

TEST_CASE("sending less than the estimate is noticed, a short burst does not end it") {
    const auto run = [](ApplicationLimit& limit, int from, int to, double usage) {
        for (int t = from; t < to; t += 10) {
            limit.on_sent(static_cast<std::uint64_t>(300'000 * usage / 800), 300'000, at(t));
        }
    };
    ApplicationLimit busy;
    run(busy, 0, 1'000, 0.9);
    CHECK_FALSE(busy.limited());
    ApplicationLimit limit;
    run(limit, 0, 1'500, 0.2);
    CHECK(limit.limited());
    run(limit, 1'500, 1'600, 1.5);
    CHECK(limit.limited());
    run(limit, 1'600, 5'600, 1.0);
    CHECK_FALSE(limit.limited());
}

TEST_CASE("the queue is the delay above the least, whatever the clocks say") {
    QueueDelay queue;
    const auto feedback = [&](int now, int delay) {
        const PacketResult p = packet(now, now + delay - 1'000'000, 1'000, kNoProbe);
        queue.on_feedback({&p, 1}, at(now));
    };
    feedback(0, 50);
    CHECK(queue.now() == microseconds(0));
    feedback(100, 170);
    CHECK(queue.now() == milliseconds(120));
    feedback(200, 40);
    CHECK(queue.now() == microseconds(0));
    feedback(300, 70);
    CHECK(queue.now() == milliseconds(30));
    // A longer way: after the window it counts as the way.
    for (int t = 1'000; t < 35'000; t += 100) feedback(t, 90);
    CHECK(queue.now() == microseconds(0));
}
