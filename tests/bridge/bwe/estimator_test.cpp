#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "bridge/bwe/feedback_estimator.hpp"
#include "bridge/bwe/padding.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// 25 differences of packets, sent 20 ms apart, received `spacing` times as far apart.
LinkUse trend_of(double spacing) {
    DelayTrend trend;
    for (int i = 0; i < 27; ++i) {
        PacketResult p;
        p.sent = TimePoint{} + milliseconds(20 * i);
        p.arrival = microseconds(static_cast<std::int64_t>(20'000 * spacing * i));
        trend.on_received(p, p.sent);
    }
    return trend.hypothesis();
}

PacketResult received(milliseconds sent, milliseconds arrival, std::uint32_t size) {
    PacketResult p;
    p.sent = TimePoint{} + sent;
    p.arrival = arrival;
    p.size = size;
    return p;
}

// A link of a given capacity with a queue, and a sender that sends at a constant rate.
struct Link {
    FeedbackEstimator estimator;
    SentPackets sent;
    std::int64_t capacity;
    std::int64_t rate;
    double loss = 0;
    TimePoint now{};
    double busy_until_us = 0;
    double owed = 0;
    double drop = 0;
    TimePoint next_feedback{};
    std::vector<FeedbackItem> feedback{};

    void run(milliseconds time) {
        const TimePoint end = now + time;
        for (; now < end; now += milliseconds(5)) {
            owed += static_cast<double>(rate) * 0.005 / 8;
            while (owed >= 1'000) {
                owed -= 1'000;
                FeedbackItem item{sent.next(1'000, now), std::nullopt};
                drop += loss;
                if (drop >= 1) {
                    drop -= 1;
                } else {
                    const double us = std::chrono::duration<double, std::micro>(
                                          now.time_since_epoch()).count();
                    busy_until_us = std::max(busy_until_us, us) +
                                    8e9 / static_cast<double>(capacity);
                    item.arrival = microseconds(static_cast<std::int64_t>(busy_until_us) + 20'000);
                }
                feedback.push_back(item);
            }
            if (now < next_feedback) continue;
            next_feedback += milliseconds(50);
            estimator.on_transport_feedback(sent.on_feedback(feedback), now);
            feedback.clear();
        }
    }
    std::int64_t estimate() const { return estimator.estimate().value_or(-1); }
};

Link make_link(std::int64_t capacity, std::int64_t rate, double loss = 0) {
    return {.estimator = FeedbackEstimator(),
            .sent = {},
            .capacity = capacity,
            .rate = rate,
            .loss = loss};
}

}  // namespace

TEST_CASE("the trend of delays: even, growing, shrinking") {
    CHECK(trend_of(1.0) == LinkUse::normal);
    CHECK(trend_of(1.1) == LinkUse::over);
    CHECK(trend_of(0.85) == LinkUse::under);
}

TEST_CASE("acknowledged rate needs ten packets and is exact for a steady flow") {
    AckedRate acked;
    for (int i = 0; i < 9; ++i) {
        acked.on_received(received(milliseconds(10 * i), milliseconds(10 * i + 40), 1000));
    }
    CHECK_FALSE(acked.bps());
    for (int i = 9; i < 100; ++i) {
        acked.on_received(received(milliseconds(10 * i), milliseconds(10 * i + 40), 1000));
    }
    CHECK(acked.bps() == 800'000);
}

TEST_CASE("acknowledged rate is the smaller of what is sent and what arrives") {
    AckedRate slow_link;
    AckedRate slow_sender;
    for (int i = 0; i < 100; ++i) {
        slow_link.on_received(received(milliseconds(5 * i), milliseconds(10 * i), 1000));
        slow_sender.on_received(received(milliseconds(10 * i), milliseconds(5 * i), 1000));
    }
    CHECK(std::abs(*slow_link.bps() - 800'000) < 40'000);
    CHECK(std::abs(*slow_sender.bps() - 800'000) < 40'000);
}

TEST_CASE("one stall of the link does not lower the acknowledged rate") {
    AckedRate acked;
    for (int i = 0; i < 50; ++i) {
        const int stall = i >= 25 ? 300 : 0;
        acked.on_received(received(milliseconds(10 * i), milliseconds(10 * i + stall), 1000));
    }
    CHECK(std::abs(*acked.bps() - 800'000) < 40'000);
}

TEST_CASE("an estimate exists with the first feedback and begins at 2.5 Mbps") {
    FeedbackEstimator estimator;
    CHECK_FALSE(estimator.estimate());
    Link link = make_link(10'000'000, 300'000);
    link.run(seconds(3));
    CHECK(link.estimate() == 2'500'000);
}

TEST_CASE("on a wide link the estimate follows what is sent, up to one and a half times") {
    Link link = make_link(50'000'000, 4'000'000);
    link.run(seconds(20));
    CHECK(link.estimate() > 5'000'000);
    CHECK(link.estimate() < 6'200'000);
}

TEST_CASE("a narrow link is noticed by its growing queue within a second") {
    Link link = make_link(1'000'000, 2'000'000);
    link.run(seconds(1));
    CHECK(link.estimate() < 1'100'000);
    CHECK(link.estimate() > 600'000);
}

TEST_CASE("a sender that obeys settles below the capacity and near it") {
    Link link = make_link(1'500'000, 2'500'000);
    for (int i = 0; i < 600; ++i) {
        link.run(milliseconds(50));
        link.rate = link.estimate();
    }
    CHECK(link.estimate() < 1'800'000);
    CHECK(link.estimate() > 900'000);
}

TEST_CASE("losses above ten per cent lower the estimate, two to ten hold it") {
    Link heavy = make_link(50'000'000, 2'500'000, 0.3);
    heavy.run(seconds(5));
    CHECK(heavy.estimate() < 1'500'000);
    Link light = make_link(50'000'000, 2'500'000, 0.05);
    light.run(seconds(5));
    CHECK(light.estimate() == 2'500'000);
    heavy.loss = 0;
    const auto low = heavy.estimate();
    heavy.run(seconds(10));
    CHECK(heavy.estimate() > low * 3 / 2);
}

TEST_CASE("a packet reported lost and then received costs nothing") {
    FeedbackEstimator estimator;
    TimePoint now{};
    for (int i = 0; i < 40; ++i, now += milliseconds(50)) {
        std::vector<PacketResult> results;
        for (int k = 0; k < 5; ++k) {
            const milliseconds at(50 * i + 10 * k);
            results.push_back(received(at, at, 1000));
        }
        PacketResult lost;
        lost.sent = now;
        results.push_back(lost);
        lost.arrival = milliseconds(50 * i);
        lost.lost_before = true;
        results.push_back(lost);
        estimator.on_transport_feedback(results, now);
    }
    CHECK(estimator.loss() == 0);
}

TEST_CASE("REMB counts only without transport-wide feedback") {
    FeedbackEstimator estimator;
    estimator.on_remb(700'000, {});
    CHECK(estimator.estimate() == 700'000);
    estimator.on_remb(1, {});
    CHECK(estimator.estimate() == 30'000);
    const PacketResult p = received(milliseconds(0), milliseconds(0), 1000);
    estimator.on_transport_feedback({&p, 1}, {});
    estimator.on_remb(700'000, {});
    CHECK(estimator.estimate() == 2'500'000);
}

TEST_CASE("close to the capacity the rate grows by a packet per response time") {
    EstimatorConfig config;
    config.initial_bps = 30'000;
    CHECK(RateControl(config).near_max_increase() == doctest::Approx(4'000));
    config.initial_bps = 90'000;
    CHECK(RateControl(config).near_max_increase() == doctest::Approx(5'000));
    config.initial_bps = 60'000;
    RateControl quick(config);
    quick.on_rtt(milliseconds(100));
    CHECK(quick.near_max_increase() == doctest::Approx(5'000));
}

TEST_CASE("a careful rate grows little close to what the link carried, until that is long ago") {
    const auto grown = [](TimePoint now, RateControl::Grip grip) {
        RateControl control({.initial_bps = 1'000'000});
        control.update(LinkUse::over, 1'000'000, TimePoint{}, {.back_off = 0.97});
        for (TimePoint t = TimePoint{} + milliseconds(50); t <= now; t += milliseconds(50)) {
            control.update(LinkUse::normal, 1'000'000, t, grip);
        }
        return control.rate() - 965'000;
    };
    const TimePoint later = TimePoint{} + seconds(2);
    const auto usual = grown(later, {});
    CHECK(usual > 20'000);
    CHECK(grown(later, {.careful = true}) < usual / 5);
    CHECK(grown(later, {.careful = true}) > 0);
    CHECK(grown(later, {.growth = 0}) == 0);
}

TEST_CASE("who carried much more a while ago may become better again: growth is as usual") {
    RateControl control({.initial_bps = 2'000'000});
    control.update(LinkUse::over, 2'000'000, TimePoint{});
    TimePoint now = TimePoint{} + seconds(1);
    control.update(LinkUse::over, 1'000'000, now, {.back_off = 0.97});
    const auto before = control.rate();
    for (int i = 0; i < 40; ++i) {
        now += milliseconds(50);
        control.update(LinkUse::normal, 1'000'000, now, {.careful = true});
    }
    CHECK(control.rate() > before + 20'000);
}

TEST_CASE("one decrease leaves what it must, and takes what it must") {
    RateControl control({.initial_bps = 1'000'000});
    control.update(LinkUse::over, 300'000, TimePoint{}, {.least = 0.85});
    CHECK(control.rate() == 850'000);
    RateControl other({.initial_bps = 1'000'000});
    other.update(LinkUse::over, 5'000'000, TimePoint{}, {.most = 0.9});
    CHECK(other.rate() == 900'000);
}

TEST_CASE("padding fills the way from what is sent to what is wanted, within the estimate") {
    PaddingBudget budget;
    TimePoint now{};
    CHECK(budget.bytes(500'000, 500'000, 300'000, now) == 0);
    CHECK(budget.bytes(500'000, 100'000, 600'000, now) == 0);
    CHECK(budget.bytes(500'000, 100'000, std::nullopt, now) == 0);
    CHECK(budget.bytes(500'000, 300'000, 200'000, now) == 0);
    std::size_t sum = 0;
    for (int i = 0; i < 200; ++i) {
        now += milliseconds(15);
        sum += budget.bytes(900'000, 100'000, 500'000, now);
    }
    // 400 kbps for 3 s.
    CHECK(sum >= 149'900);
    CHECK(sum <= 150'100);
}

TEST_CASE("a train is an advance on the padding, for half a second at most") {
    PaddingBudget budget;
    TimePoint now{};
    budget.bytes(900'000, 100'000, 500'000, now);
    budget.on_surplus(10'000);
    std::size_t sum = 0;
    const auto pad = [&] { return budget.bytes(900'000, 100'000, 500'000, now += milliseconds(15)); };
    for (int i = 0; i < 100; ++i) sum += pad();
    CHECK(sum > 75'000 - 10'800);  // 400 kbps for 1.5 s
    CHECK(sum < 75'000 - 8'000);
    budget.on_surplus(1'000'000);
    sum = 0;
    for (int i = 0; i < 100; ++i) sum += pad();
    CHECK(sum > 49'000);
    CHECK(sum < 51'000);
}
