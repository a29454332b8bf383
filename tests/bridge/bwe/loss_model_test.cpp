// The loss model: what it makes of losses that come with the link and of those that we cause.
#include <doctest/doctest.h>

#include <vector>

#include "bridge/bwe/loss_model.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

constexpr std::int64_t kFar = 20'000'000;

// Sends 1,000-byte packets at a rate over a link, and updates every 50 ms.
struct Flow {
    LossModel model{EstimatorConfig{}};
    TimePoint now{};
    std::int64_t delay_bps = kFar;
    std::int64_t estimate = kFar;
    double owed = 0;
    double drop = 0;

    void step(std::int64_t bps, double loss) {
        now += milliseconds(50);
        std::vector<PacketResult> packets;
        std::int64_t received = 0;
        owed += static_cast<double>(bps) * 0.05 / 8'000;
        for (; owed >= 1; owed -= 1) {
            PacketResult p;
            p.sent = now;
            p.size = 1'000;
            drop += loss;
            if (drop >= 1) {
                drop -= 1;
            } else {
                p.arrival = microseconds(1);
                ++received;
            }
            packets.push_back(p);
        }
        model.on_feedback(packets);
        estimate = model.update({received * 8'000 * 20, delay_bps, false}, now);
    }
    void run(milliseconds time, std::int64_t bps, double loss) {
        for (const TimePoint end = now + time; now < end;) step(bps, loss);
    }
};

}  // namespace

TEST_CASE("without losses the delay alone decides") {
    Flow flow;
    flow.run(seconds(5), 1'000'000, 0);
    CHECK(flow.estimate == kFar);
    flow.delay_bps = 700'000;
    flow.step(1'000'000, 0);
    CHECK(flow.estimate == 700'000);
    CHECK(flow.model.state() == LossState::none);
}

TEST_CASE("nothing is said before three observations") {
    Flow flow;
    flow.run(milliseconds(500), 1'000'000, 0.9);
    CHECK_FALSE(flow.model.ready());
    CHECK(flow.estimate == kFar);
    flow.run(milliseconds(700), 1'000'000, 0.9);
    CHECK(flow.model.ready());
    CHECK(flow.estimate < kFar);
}

TEST_CASE("half of the packets lost: the estimate falls to what comes through, and recovers") {
    Flow flow;
    flow.run(seconds(3), 2'000'000, 0);
    flow.delay_bps = 2'000'000;
    flow.run(seconds(3), 2'000'000, 0.5);
    CHECK(flow.estimate < 1'100'000);
    CHECK(flow.model.state() != LossState::none);
    for (int i = 0; i < 400; ++i) flow.step(flow.estimate, 0);
    CHECK(flow.estimate == 2'000'000);
    CHECK(flow.model.state() == LossState::none);
}

TEST_CASE("losses that do not depend on our rate cost little") {
    Flow flow;
    flow.delay_bps = 2'000'000;
    flow.run(seconds(2), 2'000'000, 0);
    for (int i = 0; i < 600; ++i) flow.step(flow.estimate, 0.04);
    CHECK(flow.estimate > 1'600'000);
}

TEST_CASE("a link that drops what exceeds it is found without any delay") {
    Flow flow;
    flow.delay_bps = 4'000'000;
    for (int i = 0; i < 600; ++i) {
        const double over = static_cast<double>(flow.estimate - 1'000'000);
        const std::int64_t bps = std::min<std::int64_t>(flow.estimate, 4'000'000);
        flow.step(bps, over > 0 ? 1 - 1e6 / static_cast<double>(bps) : 0);
    }
    CHECK(flow.estimate < 1'300'000);
    CHECK(flow.estimate > 700'000);
}

TEST_CASE("one lost packet in a steady flow changes nothing") {
    Flow flow;
    flow.delay_bps = 2'000'000;
    flow.run(seconds(4), 2'000'000, 0);
    flow.step(2'000'000, 0.2);
    flow.run(seconds(4), 2'000'000, 0);
    CHECK(flow.estimate == 2'000'000);
}

TEST_CASE("a packet that was only late is no loss") {
    Flow flow;
    flow.delay_bps = 2'000'000;
    for (int i = 0; i < 100; ++i) {
        flow.step(2'000'000, 0.5);
        std::vector<PacketResult> late(7);
        for (auto& p : late) {
            p.sent = flow.now;
            p.size = 1'000;
            p.arrival = microseconds(1);
            p.lost_before = true;
        }
        flow.model.on_feedback(late);
    }
    CHECK(flow.model.average_loss() < 0.02);
    CHECK(flow.estimate == 2'000'000);
}

TEST_CASE("what the link loses anyway is remembered when the delay lowers the rate") {
    Flow flow;
    flow.delay_bps = 2'000'000;
    // Lost packets are sent again.
    for (int i = 0; i < 400; ++i) flow.step(flow.estimate * 110 / 100, 0.1);
    CHECK(flow.model.inherent_loss() > 0.07);
    flow.delay_bps = 1'700'000;
    std::int64_t least = flow.estimate;
    for (int i = 0; i < 100; ++i) {
        flow.step(flow.estimate * 110 / 100, 0.1);
        least = std::min(least, flow.estimate);
    }
    CHECK(flow.model.inherent_loss() > 0.07);
    CHECK(least > 1'600'000);
}
