// What a sender hears that stamps its packets and numbers none of them, on a fake link.
#include "bridge/bwe/arrival_estimator.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/net/link.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using jmeet::test::Link;

namespace {

constexpr std::size_t kBytes = 1'200;

// A camera that sends as much as it is told to, up to what it has, over a link.
class Uplink {
 public:
    explicit Uplink(std::int64_t link_bps) : link_({.bps = link_bps, .delay = milliseconds(30)}) {}

    void run(Duration time, std::int64_t wanted_bps) {
        for (const auto end = now_ + time; now_ < end; now_ += milliseconds(1)) {
            if (now_ >= next_report_) {
                next_report_ = now_ + milliseconds(500);
                told_ = estimator_.estimate(now_).value_or(told_);
            }
            owed_ += static_cast<double>(std::min(told_, wanted_bps)) / 8'000;
            for (; owed_ >= kBytes; owed_ -= kBytes) link_.send(stamp(), kBytes, now_);
            for (const auto& a : link_.receive(now_)) {
                estimator_.on_packet(static_cast<std::uint32_t>(a.packet), kBytes, a.at);
                received_ += kBytes;
            }
            longest_queue_ = std::max(longest_queue_, link_.queue_delay(now_));
        }
    }
    Link& link() { return link_; }
    std::optional<std::int64_t> estimate() const { return estimator_.estimate(now_); }
    Duration take_longest_queue() { return std::exchange(longest_queue_, {}); }
    std::int64_t take_received_bits() { return std::exchange(received_, 0) * 8; }

 private:
    std::uint64_t stamp() const {
        const auto us = std::chrono::duration_cast<microseconds>(now_.time_since_epoch()).count();
        return ((static_cast<std::uint64_t>(us) << 18) / 1'000'000) & 0xff'ffff;
    }

    Link link_;
    ArrivalEstimator estimator_;
    TimePoint now_ = TimePoint{} + seconds(60);  // the stamps begin anew soon
    TimePoint next_report_{};
    std::int64_t told_ = 300'000;
    double owed_ = 0;
    std::int64_t received_ = 0;
    Duration longest_queue_{};
};

}  // namespace

TEST_CASE("a sender fills the link that it has, and leaves its queue short") {
    for (const std::int64_t bps : {500'000, 1'500'000, 4'000'000}) {
        CAPTURE(bps);
        Uplink up(bps);
        up.run(seconds(30), 20'000'000);
        up.take_longest_queue();
        up.take_received_bits();
        up.run(seconds(20), 20'000'000);
        CHECK(up.take_received_bits() / 20 > bps * 7 / 10);
        CHECK(up.take_longest_queue() < milliseconds(250));
    }
}

TEST_CASE("a link that becomes narrow is noticed") {
    Uplink up(3'000'000);
    up.run(seconds(20), 20'000'000);
    CHECK(*up.estimate() > 1'500'000);
    up.link().config().bps = 600'000;
    up.run(seconds(5), 20'000'000);
    CHECK(*up.estimate() < 700'000);
    up.take_longest_queue();
    up.run(seconds(10), 20'000'000);
    CHECK(up.take_longest_queue() < milliseconds(250));
}

TEST_CASE("who sends less than the link takes is never told to send less") {
    Uplink up(3'000'000);
    for (int i = 0; i < 150; ++i) {  // the stamps wrap twice
        up.run(seconds(1), 400'000);
        CHECK(up.estimate().value_or(0) >= 2'000'000);
    }
}

TEST_CASE("nothing is said of a sender of whom nothing is known") {
    Uplink up(1'000'000);
    CHECK_FALSE(up.estimate());
    up.run(seconds(3), 400'000);
    CHECK(up.estimate());
    up.run(seconds(3), 0);
    CHECK_FALSE(up.estimate());
}

TEST_CASE("senseless send times leave the estimate in its range") {
    ArrivalEstimator estimator;
    std::uint32_t random = 1;
    TimePoint now{};
    for (int i = 0; i < 100'000; ++i) {
        random = random * 1'664'525u + 1'013'904'223u;
        now += microseconds(random % 20'000);
        estimator.on_packet(random, random % 1'500, now);
        if (const auto bps = estimator.estimate(now)) {
            CHECK(*bps >= 30'000);
            CHECK(*bps <= 20'000'000);
        }
    }
}
