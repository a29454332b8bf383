#include <doctest/doctest.h>

#include "bridge/allocation/allocation.hpp"
#include "bridge/allocation/sender_constraints.hpp"
#include "bridge/allocation/trigger.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("an estimate acts when it moved by more than 15 % of the last one that acted") {
    AllocationTrigger trigger({}, RtxSupport::yes, TimePoint{});
    CHECK(trigger.on_estimate(1'000'000));
    CHECK_FALSE(trigger.on_estimate(1'000'000));
    CHECK_FALSE(trigger.on_estimate(1'150'000));
    CHECK_FALSE(trigger.on_estimate(1'100'000));
    CHECK(trigger.on_estimate(1'150'001));
    CHECK(trigger.acted_on_estimate() == 1'150'001);
    CHECK(trigger.on_estimate(kUnknownBandwidth));
    CHECK(trigger.on_estimate(10));
    CHECK(trigger.on_estimate(0));
    CHECK(trigger.on_estimate(1));
}

TEST_CASE("an estimate limits a receiver that can repair losses, at once or when it has ripened") {
    const TimePoint t0{};
    ReceiverSettings settings;
    AllocationTrigger trigger({}, RtxSupport::yes, t0);
    CHECK(trigger.available(settings, t0) == kUnlimitedBandwidth);
    trigger.on_estimate(1'000'000);
    CHECK(trigger.available(settings, t0) == 1'000'000);
    trigger.set_rtx_support(RtxSupport::no);
    CHECK(trigger.available(settings, t0) == kUnlimitedBandwidth);

    AllocationConfig patient;
    patient.initial_ignore_bwe = seconds(10);
    AllocationTrigger later(patient, RtxSupport::yes, t0);
    later.on_estimate(1'000'000);
    CHECK(later.available(settings, t0 + seconds(99)) == kUnlimitedBandwidth);
    later.on_video_sent(t0);
    later.on_video_sent(t0 + seconds(5));
    CHECK(later.available(settings, t0 + seconds(9)) == kUnlimitedBandwidth);
    CHECK(later.available(settings, t0 + seconds(10)) == 1'000'000);
}

TEST_CASE("allocation is due 5 s after its last run") {
    const TimePoint t0{};
    AllocationTrigger trigger({}, RtxSupport::yes, t0);
    CHECK_FALSE(trigger.due(t0 + milliseconds(4'999)));
    CHECK(trigger.due(t0 + seconds(5)));
    trigger.on_run(t0 + seconds(3));
    CHECK_FALSE(trigger.due(t0 + seconds(5)));
}

TEST_CASE("a drift below the threshold is acted on by the regular run") {
    const TimePoint t0{};
    const ReceiverSettings settings;
    AllocationTrigger trigger({}, RtxSupport::yes, t0);
    trigger.on_estimate(1'000'000);
    CHECK_FALSE(trigger.on_estimate(1'100'000));
    CHECK(trigger.available(settings, t0 + seconds(4)) == 1'000'000);
    CHECK(trigger.available(settings, t0 + seconds(5)) == 1'100'000);
    trigger.on_run(t0 + seconds(5));
    CHECK(trigger.available(settings, t0 + seconds(6)) == 1'100'000);
    CHECK_FALSE(trigger.on_estimate(1'200'000));  // compared with what was acted on
}

TEST_CASE("the largest wish of all receivers counts, unlimited beats all") {
    ReceiverConstraintsMap m;
    CHECK(m.max_height() == 0);
    CHECK(m.put("a", {1}) == 1);
    CHECK(m.put("b", {2}) == 2);
    CHECK(m.put("c", {3}) == 3);
    CHECK(m.remove("c") == 2);
    CHECK(m.put("a", {4}) == 4);
    CHECK(m.put("a", {3}) == 3);
    CHECK(m.remove("a") == 2);
    CHECK(m.remove("b") == 0);
    CHECK(m.put("a", {-1}) == -1);
    CHECK(m.put("b", {100}) == -1);
    CHECK(m.remove("a") == 100);
    for (int v : {1, 2, 1, -1, 1, 2}) {
        ReceiverConstraintsMap single;
        CHECK(single.put("b", {v}) == v);
    }
}

TEST_CASE("a sender is told once per change, the first zero included") {
    SenderConstraints s;
    const SourceName v0("a-v0");
    CHECK(s.put(v0, "b", {0}) == SenderConstraint{v0, 0});
    CHECK_FALSE(s.put(v0, "c", {0}));
    CHECK(s.put(v0, "b", {180}) == SenderConstraint{v0, 180});
    CHECK_FALSE(s.put(v0, "c", {180}));
    CHECK(s.put(v0, "c", {720}) == SenderConstraint{v0, 720});
    CHECK_FALSE(s.remove(v0, "b"));
    CHECK(s.remove_receiver("c") == std::vector{SenderConstraint{v0, 0}});
    CHECK(s.all() == std::vector{SenderConstraint{v0, 0}});
    s.remove_source(v0);
    CHECK(s.all().empty());
    CHECK_FALSE(s.remove(SourceName("x-v0"), "b"));
}
