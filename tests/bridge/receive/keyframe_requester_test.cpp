#include "bridge/receive/keyframe_requester.hpp"

#include <doctest/doctest.h>

#include "bridge/rtp/rtcp/fir.hpp"
#include "bridge/rtp/rtcp/pli.hpp"
#include "tests/bridge/receive/packets.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("a second request for the same stream waits, one for another does not") {
    KeyframeRequester requester;
    const auto first = requester.request(1, Ssrc(123), at_ms(0));
    REQUIRE(first);
    CHECK(first->kind == KeyframeRequest::Kind::pli);
    CHECK(first->ssrc == Ssrc(123));
    CHECK_FALSE(requester.request(1, Ssrc(123), at_ms(10)));
    CHECK(requester.request(1, Ssrc(456), at_ms(20)));
    CHECK(requester.request(1, Ssrc(123), at_ms(1010)));
    CHECK(requester.sent() == 3);
    CHECK(requester.throttled() == 1);
}

TEST_CASE("one request serves all receivers that ask within 310 ms") {
    KeyframeRequester requester;
    CHECK(requester.request(1, Ssrc(123), at_ms(0)));
    CHECK_FALSE(requester.request(2, Ssrc(123), at_ms(10)));
    CHECK_FALSE(requester.request(3, Ssrc(123), at_ms(309)));
    CHECK(requester.request(2, Ssrc(123), at_ms(310)));
}

TEST_CASE("a requester gets three in ten seconds, then one in two; refusals use up none of them") {
    KeyframeRequester requester;
    for (int i = 0; i < 100; ++i) requester.request(1, Ssrc(9), at_ms(i));
    CHECK(requester.sent() == 1);
    CHECK(requester.request(1, Ssrc(9), at_ms(310)));
    CHECK(requester.request(1, Ssrc(9), at_ms(620)));
    CHECK_FALSE(requester.request(1, Ssrc(9), at_ms(900)));
    CHECK_FALSE(requester.request(1, Ssrc(9), at_ms(2500)));
    CHECK(requester.request(2, Ssrc(9), at_ms(2550)));  // another one may
    CHECK(requester.request(1, Ssrc(9), at_ms(2900)));
    CHECK_FALSE(requester.request(1, Ssrc(9), at_ms(4800)));
    CHECK(requester.request(1, Ssrc(9), at_ms(4900)));
}

TEST_CASE("a short round trip shortens the wait of a requester, not that of the stream") {
    KeyframeRequester requester;
    requester.set_rtt(milliseconds(20));
    CHECK(requester.request(1, Ssrc(9), at_ms(0)));
    CHECK_FALSE(requester.request(1, Ssrc(9), at_ms(100)));
    CHECK(requester.request(1, Ssrc(9), at_ms(310)));
    requester.set_rtt(seconds(3));
    CHECK(requester.request(1, Ssrc(9), at_ms(620)));
}

TEST_CASE("requests of the bridge itself pass the limits") {
    KeyframeRequester requester;
    CHECK(requester.request(1, Ssrc(9), at_ms(0)));
    CHECK(requester.request(0, Ssrc(9), at_ms(1)));
    CHECK(requester.request(0, Ssrc(9), at_ms(2)));
}

TEST_CASE("without PLI it asks by FIR with a running number, without both not at all") {
    KeyframeRequester requester;
    requester.set_support(false, true);
    const auto first = requester.request(1, Ssrc(123), at_ms(0));
    const auto second = requester.request(1, Ssrc(123), at_ms(500));
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->kind == KeyframeRequest::Kind::fir);
    CHECK(second->fir_seq == first->fir_seq + 1);
    requester.set_support(false, false);
    CHECK_FALSE(requester.request(1, Ssrc(123), at_ms(5000)));

    std::vector<std::uint8_t> out(100);
    const std::size_t size = KeyframeRequester::write(*second, Ssrc(5), out);
    rtcp::CompoundReader reader(BytesView(out).first(size));
    const auto fir = rtcp::Fir::parse(*reader.next());
    REQUIRE(fir);
    CHECK(fir->sender == Ssrc(5));
    CHECK(fir->entries[0].target == Ssrc(123));
    CHECK(fir->entries[0].command_seq == second->fir_seq);
}

TEST_CASE("a request is written as PLI") {
    std::vector<std::uint8_t> out(100);
    const KeyframeRequest request{KeyframeRequest::Kind::pli, Ssrc(123), 0};
    const std::size_t size = KeyframeRequester::write(request, Ssrc(5), out);
    rtcp::CompoundReader reader(BytesView(out).first(size));
    const auto pli = rtcp::Pli::parse(*reader.next());
    REQUIRE(pli);
    CHECK(pli->media == Ssrc(123));
    CHECK(KeyframeRequester::write(request, Ssrc(5), Bytes(out).first(8)) == 0);
}

TEST_CASE("many pairs share a bounded table and each is still throttled") {
    KeyframeRequester requester;
    for (std::uint32_t who = 1; who <= 1000; ++who) {
        REQUIRE(requester.request(who, Ssrc(5000 + who), at_ms(who)));
        REQUIRE_FALSE(requester.request(who, Ssrc(5000 + who), at_ms(who + 1)));
    }
}
