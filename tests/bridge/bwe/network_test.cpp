// The estimator on the fake network: what holds on every link, for several seeds.
// (bench_bwe prints the whole table.)
#include <doctest/doctest.h>

#include "bridge/bwe/probing_estimator.hpp"
#include "tests/net/scenarios.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::test;

namespace {

constexpr std::uint64_t kSeeds[] = {1, 2};

Outcome run(Scenario scenario, std::uint64_t seed) {
    scenario.config.seed = seed;
    ProbingEstimator estimator;
    return play(scenario, estimator);
}

const Scenario& named(const std::vector<Scenario>& all, const std::string& name) {
    for (const Scenario& s : all) {
        if (s.name == name) return s;
    }
    throw std::runtime_error("no scenario " + name);
}

}  // namespace

TEST_CASE("on a fixed link the estimate is 85 % within ten seconds and stays below the link") {
    for (const Scenario& s : fixed_links()) {
        for (const auto seed : kSeeds) {
            CAPTURE(s.name);
            CAPTURE(seed);
            const Outcome o = run(s, seed);
            CHECK(o.whole.reached >= Duration(0));
            CHECK(o.whole.reached < seconds(10));
            CHECK(o.steady.share > 0.85);
            CHECK(o.steady.share < 1.0);
            CHECK(o.whole.lowest_bps >= 30'000);
        }
    }
}

TEST_CASE("our own queue stays short, but for the start on a narrow link") {
    for (const Scenario& s : fixed_links()) {
        for (const auto seed : kSeeds) {
            CAPTURE(s.name);
            CAPTURE(seed);
            const Outcome o = run(s, seed);
            // At 300 kbps the frames alone make 52 ms, and the start is two seconds of a minute.
            const bool narrow = s.available < 500'000;
            CHECK(o.steady.queue_p95 < milliseconds(narrow ? 100 : 70));
            CHECK(o.whole.queue_p95 < milliseconds(narrow ? 115 : 80));
            CHECK(o.whole.settled < seconds(4));
        }
    }
}

TEST_CASE("after a step down the estimate is below the link and the queue gone within 3 s") {
    for (const Scenario& s : steps()) {
        if (s.after > s.available) continue;
        for (const auto seed : kSeeds) {
            CAPTURE(s.name);
            CAPTURE(seed);
            const Outcome o = run(s, seed);
            CHECK(o.step.settled >= Duration(0));
            CHECK(o.step.settled < seconds(3));
            CHECK(o.steady.share > 0.8);
        }
    }
}

TEST_CASE("after a step up the new rate is found within 15 s, mostly by probes") {
    for (const Scenario& s : steps()) {
        if (s.after < s.available) continue;
        for (const auto seed : kSeeds) {
            CAPTURE(s.name);
            CAPTURE(seed);
            const Outcome o = run(s, seed);
            CHECK(o.step.reached >= Duration(0));
            CHECK(o.step.reached < seconds(15));
        }
    }
}

TEST_CASE("random losses of up to 10 % do not take the bandwidth away") {
    for (const Scenario& s : losses()) {
        if (s.config.link.loss == 0) continue;
        for (const auto seed : kSeeds) {
            CAPTURE(s.name);
            CAPTURE(seed);
            const Outcome o = run(s, seed);
            CHECK(o.steady.share > 0.78);
            CHECK(o.steady.wire > 0.85);
        }
    }
}

TEST_CASE("losses leave the link well used: repairs take their part beside the estimate") {
    for (const Scenario& s : losses()) {
        for (const auto seed : kSeeds) {
            CAPTURE(s.name);
            CAPTURE(seed);
            const Outcome o = run(s, seed);
            CHECK(o.steady.share > 0.75);
            CHECK(o.steady.share < 1.0);
            CHECK(o.steady.wire > 0.8);
        }
    }
}

TEST_CASE("others who send at a constant rate are left their share") {
    const Outcome o = run(named(disturbances(), "3 Mbps, others 1.5 Mbps"), 1);
    CHECK(o.steady.share > 0.8);
    CHECK(o.steady.share < 1.1);
    CHECK(o.steady.queue_p95 < milliseconds(100));
}

TEST_CASE("beside a download that fills the queue we keep a good part of our share") {
    for (const char* name :
         {"3 Mbps, a download, queue of 200 ms", "3 Mbps, a download, queue of 500 ms",
          "10 Mbps, a download, queue of 200 ms"}) {
        for (const auto seed : kSeeds) {
            CAPTURE(name);
            CAPTURE(seed);
            const Outcome o = run(named(disturbances(), name), seed);
            CHECK(o.steady.share > 0.5);
            CHECK(o.steady.share < 1.4);
            CHECK(o.whole.lowest_bps >= 100'000);
        }
    }
}

TEST_CASE("when the download ends the queue goes, and the whole link is ours") {
    for (const auto seed : kSeeds) {
        CAPTURE(seed);
        ProbingEstimator estimator;
        CallConfig config;
        config.seed = seed;
        config.link.bps = 3'000'000;
        Call call(estimator, config);
        call.link().set_cross({.tcp_flows = 1});
        call.at(seconds(30), [](Link& link) { link.set_cross({}); });
        call.run(seconds(30));
        CHECK(estimator.competing());
        call.run(seconds(30));
        CHECK_FALSE(estimator.competing());
        const Measure after = measure(call, seconds(40), seconds(60), 3'000'000);
        CHECK(after.share > 0.8);
        CHECK(after.queue_p95 < milliseconds(100));
    }
}

TEST_CASE("when the link gives too little for any video and then recovers, so does the video") {
    for (const auto seed : kSeeds) {
        CAPTURE(seed);
        ProbingEstimator estimator;
        CallConfig config;
        config.seed = seed;
        config.link.bps = 2'000'000;
        Call call(estimator, config);
        call.at(seconds(10), [](Link& link) { link.config().bps = 40'000; });
        call.at(seconds(30), [](Link& link) { link.config().bps = 2'000'000; });
        call.run(seconds(60));
        CHECK(measure(call, seconds(20), seconds(30), 40'000).highest_bps < 200'000);
        const Measure after = measure(call, seconds(30), seconds(60), 2'000'000);
        CHECK(after.reached >= Duration(0));
        CHECK(after.reached < seconds(15));
    }
}

TEST_CASE("after ten seconds without any connection the video comes back") {
    ProbingEstimator estimator;
    CallConfig config;
    config.link.bps = 2'000'000;
    Call call(estimator, config);
    call.at(seconds(10), [](Link& link) { link.config().loss = 1; });
    call.at(seconds(20), [](Link& link) { link.config().loss = 0; });
    call.run(seconds(50));
    CHECK(measure(call, seconds(18), seconds(20), 2'000'000).highest_bps < 1'000'000);
    const Measure after = measure(call, seconds(20), seconds(50), 2'000'000);
    CHECK(after.reached >= Duration(0));
    CHECK(after.reached < seconds(15));
}

TEST_CASE("stalls, jitter, reordering and rare feedback cost little") {
    for (const char* name :
         {"3 Mbps, stalls 200 ms every 5 s", "3 Mbps, jitter 20 ms", "3 Mbps, 2 % reordered",
          "3 Mbps, feedback every 250 ms", "3 Mbps, queue of 60 ms"}) {
        for (const auto seed : kSeeds) {
            CAPTURE(name);
            CAPTURE(seed);
            const Outcome o = run(named(disturbances(), name), seed);
            CHECK(o.steady.share > 0.85);
            CHECK(o.steady.share < 1.0);
        }
    }
}

TEST_CASE("a queue too short for delays is not overrun: retransmissions count as load") {
    const Outcome o = run(named(disturbances(), "3 Mbps, queue of 20 ms"), 1);
    CHECK(o.steady.lost < 0.15);
    CHECK(o.steady.share > 0.8);
}

TEST_CASE("a screen share whose only layer exceeds the first estimate is probed for and shown") {
    for (const std::int64_t bps : {3'000'000, 3'500'000, 4'000'000, 8'000'000}) {
        for (const Stage stage : {Stage::off, Stage::on}) {
            for (const auto seed : kSeeds) {
                CAPTURE(bps);
                CAPTURE(seed);
                CallConfig config;
                config.seed = seed;
                config.link.bps = 20'000'000;
                config.video = {.cameras = 0, .share_bps = bps, .share_stage = stage};
                ProbingEstimator estimator;
                Call call(estimator, config);
                call.run(seconds(5));
                CHECK(call.target_bps() == bps);
                call.run(seconds(25));
                CHECK(call.target_bps() == bps);
                const Measure later = measure(call, seconds(5), seconds(30), config.link.bps);
                CHECK(later.lowest_bps > bps);
            }
        }
    }
}

TEST_CASE("a screen share that the link cannot carry is not shown, and its place not overrun") {
    ProbingEstimator estimator;
    CallConfig config;
    config.link.bps = 3'000'000;
    config.video = {.cameras = 0, .share_bps = 8'000'000, .share_stage = Stage::on};
    Call call(estimator, config);
    call.run(seconds(60));
    CHECK(call.target_bps() == 0);
    const Measure m = measure(call, seconds(10), seconds(60), config.link.bps);
    CHECK(m.highest_bps < 3'500'000);
    CHECK(m.queue_p95 < milliseconds(100));
}

TEST_CASE("who wants no more than the estimate gets no padding and no probes") {
    ProbingEstimator estimator;
    CallConfig config;
    config.link.bps = 10'000'000;
    config.video.cameras = 1;  // 2 Mbps
    Call call(estimator, config);
    call.run(seconds(20));
    const Measure m = measure(call, seconds(1), seconds(20), 10'000'000);
    CHECK(m.padding == 0);
    CHECK(estimator.probes() == 0);
    CHECK(m.lowest_bps >= 2'500'000);
    CHECK(estimator.application_limited());
}
