// What media workers tell each other of their endpoints.
#include "bridge/exchange.hpp"

#include <doctest/doctest.h>

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

DemuxNews news(DemuxNews::What what, std::uint32_t token) {
    return {what, static_cast<EndpointToken>(token)};
}

}  // namespace

TEST_CASE("news reach everybody but their author, in order, and once") {
    Exchange exchange(2);
    const std::vector<DemuxNews> joins = {news(DemuxNews::What::added, 1),
                                          news(DemuxNews::What::added, 2)};
    CHECK(exchange.publish(0, joins) == 0);
    CHECK_FALSE(exchange.has_news(0));
    for (const std::size_t inbox : {std::size_t{1}, exchange.control()}) {
        REQUIRE(exchange.has_news(inbox));
        const auto told = exchange.take_news(inbox);
        REQUIRE(told.size() == 2);
        CHECK(told[0].from == 0);
        CHECK(told[1].news.key == joins[1].key);
        CHECK_FALSE(exchange.has_news(inbox));
    }
}

TEST_CASE("for a worker that has hung a bounded number of news is kept, and the others are counted") {
    Exchange exchange(2);
    const std::vector<DemuxNews> join(1'000, news(DemuxNews::What::added, 1));
    const std::vector<DemuxNews> leave(1'000, news(DemuxNews::What::gone, 1));
    std::size_t lost = 0;
    for (int i = 0; i < 100; ++i) {
        lost += exchange.publish(0, join);
        exchange.take_news(exchange.control());
    }
    CHECK(lost == 100'000 - Exchange::kMaxNews);
    // Who has gone is told still.
    CHECK(exchange.publish(0, leave) == 0);
    exchange.take_news(exchange.control());
    for (int i = 0; i < 100; ++i) {
        exchange.publish(0, leave);
        exchange.take_news(exchange.control());
    }
    CHECK(exchange.take_news(1).size() == 2 * Exchange::kMaxNews);
    // And afterwards all is as ever.
    CHECK(exchange.publish(0, join) == 0);
}
