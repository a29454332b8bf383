// Whose queue is it: ours goes when we send less, others' stays.
#include <doctest/doctest.h>

#include "bridge/bwe/competition.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

struct Watch {
    Competition competition{};
    TimePoint now{};

    // Feedback every 50 ms, with the queue from one length to another.
    void run(milliseconds time, int queue_from, int queue_to, std::int64_t acked, std::int64_t rate,
             int losses = 0) {
        const int steps = static_cast<int>(time / milliseconds(50));
        for (int i = 0; i < steps; ++i) {
            now += milliseconds(50);
            const int queue = queue_from + (queue_to - queue_from) * i / steps;
            competition.on_feedback({.standing = milliseconds(queue),
                                     .queue = milliseconds(queue),
                                     .packet = milliseconds(3),
                                     .acked_bps = acked,
                                     .rate_bps = competition.others() ? competition.rate() : rate,
                                     .lost = i < losses,
                                     .rtt = milliseconds(200)},
                                    now);
        }
    }
};

}  // namespace

TEST_CASE("a queue that goes when we send less is ours") {
    Watch watch;
    watch.run(milliseconds(500), 200, 400, 1'500'000, 2'000'000);
    watch.run(milliseconds(1'500), 400, 0, 1'000'000, 900'000);
    CHECK_FALSE(watch.competition.others());
    
}

TEST_CASE("a queue that stays though we send less is others': we go back to what we had") {
    Watch watch;
    watch.run(milliseconds(500), 200, 400, 1'500'000, 2'000'000);
    watch.run(milliseconds(200), 400, 400, 500'000, 500'000);
    CHECK_FALSE(watch.competition.others());  // ours would not be gone so soon
    watch.run(milliseconds(300), 400, 380, 500'000, 500'000);
    REQUIRE(watch.competition.others());
    CHECK(watch.competition.rate() > 1'200'000);
    CHECK(watch.competition.rate() < 1'300'000);
}

TEST_CASE("beside a constant flow our own queue shrinks slowly, and is still ours") {
    Watch watch;
    watch.run(milliseconds(500), 50, 200, 1'500'000, 1'500'000);
    // A fifth less of half of the link: a tenth of the time.
    watch.run(milliseconds(1'500), 200, 50, 1'200'000, 1'200'000);
    CHECK_FALSE(watch.competition.others());
}

TEST_CASE("a short queue that grows slowly while we send a little less is others'") {
    Watch watch;
    watch.run(milliseconds(500), 0, 5, 1'200'000, 1'200'000);
    watch.run(milliseconds(1'400), 5, 30, 1'200'000, 1'200'000);
    CHECK_FALSE(watch.competition.others());
    watch.run(milliseconds(800), 30, 50, 1'050'000, 1'050'000);
    CHECK(watch.competition.others());
}

TEST_CASE("who has given up nothing cannot tell whose queue it is") {
    Watch watch;
    watch.run(milliseconds(10'000), 300, 400, 1'500'000, 1'500'000);
    CHECK_FALSE(watch.competition.others());
}

TEST_CASE("beside others a loss costs three tenths once per round trip, and growth is slow") {
    Watch watch;
    watch.run(milliseconds(500), 400, 400, 1'000'000, 2'000'000);
    watch.run(milliseconds(2'500), 400, 400, 300'000, 300'000);
    REQUIRE(watch.competition.others());
    const std::int64_t before = watch.competition.rate();
    watch.run(milliseconds(1'000), 400, 400, 900'000, 0);
    const std::int64_t grown = watch.competition.rate();
    CHECK(grown > before + 100'000);
    CHECK(grown < before + 150'000);
    watch.run(milliseconds(250), 400, 400, 900'000, 0, 5);
    CHECK(watch.competition.rate() < grown * 8 / 10);
    CHECK(watch.competition.rate() > grown * 7 / 10);
}

TEST_CASE("when the queue has been gone for a while delays count again") {
    Watch watch;
    watch.run(milliseconds(500), 400, 400, 1'000'000, 2'000'000);
    watch.run(milliseconds(2'500), 400, 400, 300'000, 300'000);
    REQUIRE(watch.competition.others());
    watch.run(milliseconds(1'500), 0, 0, 900'000, 0);
    CHECK(watch.competition.others());  // others empty a short queue after each of their losses
    watch.run(milliseconds(2'000), 0, 0, 900'000, 0);
    CHECK_FALSE(watch.competition.others());
}
