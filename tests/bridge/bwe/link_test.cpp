// The fake link does what it says.
#include <doctest/doctest.h>

#include "tests/net/link.hpp"

using namespace jmeet;
using namespace jmeet::test;

namespace {

TimePoint at(int ms) { return TimePoint{} + milliseconds(ms); }

// How many of 10,000 packets, one per millisecond, arrive.
std::size_t arrived(const LinkConfig& config) {
    Link link(config, 3);
    std::size_t count = 0;
    for (int i = 0; i < 10'000; ++i) {
        link.send(1, 100, at(i));
        count += link.receive(at(i)).size();
    }
    return count + link.receive(at(20'000)).size();
}

}  // namespace

TEST_CASE("a packet takes its time on the link and then the delay") {
    Link link({.bps = 1'000'000, .delay = milliseconds(50)});
    link.send(7, 1'250, at(0));  // 10 ms
    link.send(8, 1'250, at(0));
    CHECK(link.queue_delay(at(0)) == milliseconds(20));
    CHECK(link.receive(at(59)).empty());
    const auto first = link.receive(at(60));
    REQUIRE(first.size() == 1);
    CHECK(first[0].packet == 7);
    CHECK(first[0].at == at(60));
    CHECK(link.receive(at(70)).size() == 1);
    CHECK(link.queue_delay(at(70)) == Duration(0));
}

TEST_CASE("a full queue drops at its tail") {
    Link link({.bps = 1'000'000, .delay = {}, .max_queue = milliseconds(100)});
    for (int i = 0; i < 20; ++i) link.send(1, 1'250, at(0));
    CHECK(link.dropped() == 9);
    CHECK(link.receive(at(1'000)).size() == 11);
}

TEST_CASE("single packets and bursts are lost in the given share") {
    LinkConfig random{.bps = 10'000'000};
    random.loss = 0.1;
    CHECK(arrived(random) > 8'800);
    CHECK(arrived(random) < 9'200);
    LinkConfig bursts{.bps = 10'000'000};
    bursts.burst_loss = 0.1;
    CHECK(arrived(bursts) > 8'500);
    CHECK(arrived(bursts) < 9'500);
}

TEST_CASE("a stalled link lets everything go at its end") {
    Link link({.bps = 1'000'000, .delay = milliseconds(10)});
    link.stall(at(300));
    for (int i = 0; i < 100; ++i) link.send(1, 100, at(i));
    CHECK(link.receive(at(299)).empty());
    CHECK(link.receive(at(300)).size() == 100);
}

TEST_CASE("others take their share of the queue") {
    Link link({.bps = 1'000'000, .delay = {}});
    link.set_cross({.bps = 600'000});
    for (int i = 0; i < 2'000; ++i) link.send(1, 100, at(i));  // 800 kbps
    CHECK(link.queue_delay(at(2'000)) > milliseconds(450));
    CHECK(link.cross_bytes() > 100'000);
}

TEST_CASE("reordered packets come later than those behind them") {
    LinkConfig config{.bps = 10'000'000, .delay = milliseconds(10)};
    config.reordered = 0.1;
    Link link(config, 5);
    std::uint64_t last = 0;
    int late = 0;
    for (int i = 1; i < 1'000; ++i) {
        link.send(static_cast<std::uint64_t>(i), 100, at(2 * i));
        for (const auto& a : link.receive(at(2 * i))) {
            if (a.packet < last) ++late;
            last = std::max(last, a.packet);
        }
    }
    CHECK(late > 50);
    CHECK(late < 150);
}
