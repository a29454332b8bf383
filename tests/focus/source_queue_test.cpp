#include "focus/source_queue.hpp"

#include <doctest/doctest.h>

#include "tests/focus/source_samples.hpp"

using namespace jmeet::focus;
using namespace jmeet::focus::samples;
using jmeet::milliseconds;
using jmeet::TimePoint;

namespace {

const TimePoint kNow{};
constexpr milliseconds kNone{0};

ConferenceSourceMap of(const std::string& owner, const EndpointSourceSet& s) {
    return ConferenceSourceMap(owner, s);
}
ConferenceSourceMap s1() { return of("E1", set({a(1), v(2, "m1")})); }
ConferenceSourceMap s2() { return of("E2", set({a(3), v(4, "m2")})); }
ConferenceSourceMap s2b() { return of("E2", set({a(5, "x"), v(6, "m3")})); }
ConferenceSourceMap s3() { return of("E3", set({a(8)})); }

ConferenceSourceMap both(ConferenceSourceMap one, const ConferenceSourceMap& other) {
    one.add(other);
    return one;
}

struct Queue : SourceQueue {
    explicit Queue(const SourceFilter& filter = {}) : SourceQueue(filter) { activate(); }
    void plus(const ConferenceSourceMap& m) { add(m, kNow, kNone); }
    void minus(const ConferenceSourceMap& m) { remove(m, kNow, kNone); }
};

}  // namespace

TEST_CASE("nothing queued, nothing flushed; a reset swallows what was queued") {
    Queue queue;
    CHECK(queue.flush().empty());
    queue.plus(s1());
    queue.reset(s2());
    CHECK_FALSE(queue.due());
    CHECK(queue.flush().empty());
}

TEST_CASE("additions since the last flush become one") {
    Queue queue;
    queue.plus(s1());
    auto changes = queue.flush();
    CHECK(changes.added == s1());
    CHECK(changes.removed.empty());

    Queue more;
    more.plus(s1());
    more.plus(s2());
    more.plus(s2b());
    CHECK(more.flush().added == both(s1(), both(s2(), s2b())));

    Queue taken;
    taken.plus(s1());
    taken.plus(s2());
    taken.plus(s2b());
    taken.minus(s2b());
    Queue before = taken;
    CHECK(before.signaled().empty());
    CHECK(before.updated() == both(s1(), s2()));
    CHECK(before.flush().added == both(s1(), s2()));
    CHECK(before.signaled() == before.updated());
    taken.plus(s3());
    changes = taken.flush();
    CHECK(changes.added == both(both(s1(), s2()), s3()));
    CHECK(changes.removed.empty());
}

TEST_CASE("an addition and its removal cancel out, and the reverse") {
    Queue queue;
    queue.plus(s1());
    queue.minus(s1());
    CHECK(queue.flush().empty());

    Queue other;
    other.reset(s2());
    other.plus(s1());
    other.minus(s1());
    other.minus(s2());
    other.plus(s2());
    CHECK(other.flush().empty());
}

TEST_CASE("an audio-only recipient hears of audio only") {
    Queue queue({.audio = true, .video = false});
    CHECK(queue.reset(both(s1(), s2())) == both(of("E1", set({a(1)})), of("E2", set({a(3)}))));
    queue.plus(s2b());
    CHECK(queue.flush().added == of("E2", set({a(5, "x")})));
    queue.minus(s1());
    const auto changes = queue.flush();
    CHECK(changes.removed == of("E1", set({a(1)})));
    CHECK(changes.added.empty());
}

TEST_CASE("simulcast is stripped before the difference is taken") {
    Queue queue;
    queue.plus(of("E1", x()));
    CHECK(queue.flush().added == of("E1", x().without_simulcast()));
    queue.minus(of("E1", x()));
    CHECK(queue.flush().removed == of("E1", x().without_simulcast()));
}

TEST_CASE("what a member that left had is forgotten, and can be signalled again") {
    Queue queue;
    queue.plus(s1());
    queue.flush();
    queue.forget("E1");
    CHECK(queue.flush().empty());
    queue.plus(s1());
    CHECK(queue.flush().added == s1());
}

TEST_CASE("a flush is due after the first change's delay, and only for an active session") {
    SourceQueue queue;
    queue.add(s1(), kNow, milliseconds(500));
    CHECK_FALSE(queue.due());
    queue.activate();
    CHECK(queue.flush().added == s1());

    queue.add(s2(), kNow + milliseconds(10), milliseconds(500));
    CHECK(queue.due() == kNow + milliseconds(510));
    queue.add(s3(), kNow + milliseconds(400), milliseconds(500));
    CHECK(queue.due() == kNow + milliseconds(510));
    CHECK(queue.flush().added == both(s2(), s3()));
    CHECK_FALSE(queue.due());

    queue.remove(s2(), kNow, kNone);
    queue.deactivate();
    CHECK_FALSE(queue.due());
}

TEST_CASE("delays are those of the largest key that is not above the participants") {
    const SourceSignalingDelays delays(
        {{100, milliseconds(500)}, {200, milliseconds(1000)}, {300, milliseconds(2000)}});
    CHECK(delays.delay(0) == milliseconds(0));
    CHECK(delays.delay(99) == milliseconds(0));
    CHECK(delays.delay(100) == milliseconds(500));
    CHECK(delays.delay(199) == milliseconds(500));
    CHECK(delays.delay(200) == milliseconds(1000));
    CHECK(delays.delay(1'000'000) == milliseconds(2000));
    CHECK(SourceSignalingDelays{}.delay(500) == milliseconds(0));
}
