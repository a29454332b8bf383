// The estimator as a whole, without a network: what it hears and what it orders.
#include <doctest/doctest.h>

#include <vector>

#include "bridge/bwe/probing_estimator.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

TimePoint at(int ms) { return TimePoint{} + milliseconds(ms); }

// A receiver that gets everything 40 ms later, and says so every 50 ms.
struct Receiver {
    ProbingEstimator estimator{};
    SentPackets sent{};
    int now = 0;
    std::vector<FeedbackItem> items{};
    std::size_t padding = 0;

    void run(int ms, int packets_per_10_ms) {
        for (const int end = now + ms; now < end; now += 10) {
            for (int i = 0; i < packets_per_10_ms; ++i) send(1'000);
            const PaddingOrder order = estimator.padding(at(now));
            sent.begin_padding(order.probe);
            for (std::size_t left = order.bytes; left >= 250; left -= 250) send(250);
            sent.end_padding();
            estimator.on_padding_sent(order, order.bytes / 250 * 250);
            padding += order.bytes / 250 * 250;
            estimator.on_sent(sent.take_bytes(), at(now));
            estimator.on_time(at(now));
            if (now % 50 != 0) continue;
            const auto results = sent.on_feedback(items);
            if (!results.empty()) estimator.on_transport_feedback(results, at(now));
            items.clear();
        }
    }
    void send(std::uint32_t size) {
        items.push_back({sent.next(size, at(now)), milliseconds(now + 40)});
    }
    std::int64_t estimate() const { return estimator.estimate().value_or(-1); }
};

}  // namespace

TEST_CASE("the estimate begins with the first feedback, at 2.5 Mbps") {
    Receiver receiver;
    CHECK_FALSE(receiver.estimator.estimate());
    receiver.run(100, 1);
    CHECK(receiver.estimate() >= 2'500'000);
    CHECK(receiver.estimate() < 2'600'000);
}

TEST_CASE("a receiver that wants more is probed and padded") {
    Receiver receiver;
    receiver.estimator.on_allocation(800'000, 6'000'000);
    receiver.run(3'000, 1);
    CHECK(receiver.estimator.probes() >= 1);
    CHECK(receiver.estimate() > 5'000'000);
    CHECK(receiver.padding > 0);
}

TEST_CASE("a receiver that has what it wants is left alone") {
    Receiver receiver;
    receiver.estimator.on_allocation(800'000, 800'000);
    receiver.run(3'000, 1);
    CHECK(receiver.estimator.probes() == 0);
    CHECK(receiver.padding == 0);
    CHECK(receiver.estimator.next_padding() == TimePoint::max());
}

TEST_CASE("a receiver that falls silent loses a fifth every second, down to the minimum") {
    Receiver receiver;
    receiver.run(1'000, 1);
    const std::int64_t before = receiver.estimate();
    const auto silent = [&](int seconds) {
        for (int i = 0; i < 100 * seconds; ++i, receiver.now += 10) {
            receiver.estimator.on_sent({1'000, 0}, at(receiver.now));
            receiver.estimator.on_time(at(receiver.now));
        }
    };
    silent(2);
    CHECK(receiver.estimate() == before);
    silent(3);
    CHECK(receiver.estimate() < before * 7 / 10);
    CHECK(receiver.estimate() > before * 4 / 10);
    silent(60);
    CHECK(receiver.estimate() == 30'000);
    CHECK(receiver.estimator.padding(at(receiver.now)).bytes == 0);
    // Who wants video is knocked at once a second.
    receiver.estimator.on_allocation(0, 500'000);
    int knocks = 0;
    for (int i = 0; i < 1'000; ++i) {
        if (receiver.estimator.padding(at(receiver.now += 10)).bytes != 0) ++knocks;
    }
    CHECK(knocks == 10);
}

TEST_CASE("who is sent nothing is not silent") {
    Receiver receiver;
    receiver.run(1'000, 1);
    const std::int64_t before = receiver.estimate();
    for (int i = 0; i < 1'000; ++i) receiver.estimator.on_time(at(receiver.now += 10));
    CHECK(receiver.estimate() == before);
}

TEST_CASE("a REMB is taken as it is until transport-wide feedback comes") {
    ProbingEstimator estimator;
    estimator.on_remb(700'000, {});
    CHECK(estimator.estimate() == 700'000);
    estimator.on_remb(1, {});
    CHECK(estimator.estimate() == 30'000);
    CHECK(estimator.padding(at(1'000)).bytes == 0);
    PacketResult p;
    p.arrival = microseconds(0);
    p.size = 1'000;
    estimator.on_transport_feedback({&p, 1}, {});
    estimator.on_remb(700'000, {});
    CHECK(estimator.estimate() == 2'500'000);
}

TEST_CASE("who has agreed to feedback counts with 2.5 Mbps before it speaks, others are unlimited") {
    ProbingEstimator estimator;
    CHECK_FALSE(estimator.estimate());
    estimator.on_negotiated();
    CHECK(estimator.estimate() == 2'500'000);
}

TEST_CASE("who gets no video since none fits is knocked at until it speaks, later once a second") {
    ProbingEstimator estimator;
    estimator.on_negotiated();
    estimator.on_allocation(0, 2'000'000);
    CHECK(estimator.padding(at(1'000)).bytes == 0);
    estimator.on_allocation(0, 4'000'000);
    const auto knocks = [&](int from, int to) {
        int count = 0;
        for (int t = from; t < to; t += 10) count += estimator.padding(at(t)).bytes != 0 ? 1 : 0;
        return count;
    };
    CHECK(knocks(1'000, 2'000) == 20);
    knocks(2'000, 5'000);
    CHECK(knocks(5'000, 15'000) == 10);
}

TEST_CASE("feedback with absurd times leaves the estimate in its range") {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        ProbingEstimator estimator;
        SentPackets sent;
        std::uint32_t random = seed;
        const auto next = [&random](std::uint32_t below) {
            random = random * 1'664'525u + 1'013'904'223u;
            return (random >> 8) % below;
        };
        estimator.on_allocation(1'000'000, 8'000'000);
        std::vector<FeedbackItem> items;
        for (int ms = 0; ms < 20'000; ms += 10) {
            for (std::uint32_t i = next(8); i > 0; --i) {
                FeedbackItem item{sent.next(next(1'500), at(ms)), std::nullopt};
                // Anywhere within what the field can say, or hardly anywhere else, or lost.
                const auto kind = next(3);
                if (kind == 0) item.arrival = milliseconds(std::int64_t{next(1u << 24)} * 64);
                if (kind == 1) item.arrival = milliseconds(ms + static_cast<int>(next(400)) - 200);
                items.push_back(item);
            }
            const PaddingOrder order = estimator.padding(at(ms));
            estimator.on_padding_sent(order, order.bytes);
            estimator.on_sent(sent.take_bytes(), at(ms));
            estimator.on_time(at(ms));
            if (next(5) == 0) {
                const auto results = sent.on_feedback(items);
                if (!results.empty()) estimator.on_transport_feedback(results, at(ms));
                items.clear();
            }
            CHECK(order.bytes <= 100'000);
            if (const auto bps = estimator.estimate()) {
                CHECK(*bps >= EstimatorConfig{}.min_bps);
                CHECK(*bps <= EstimatorConfig{}.max_bps);
            }
        }
    }
}
