#include <doctest/doctest.h>

#include "tests/bridge/ice/talk.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

const Address kNewPlace = *Address::parse("203.0.113.77", 50'000);

}  // namespace

TEST_CASE("consent is asked every four to six seconds") {
    Talk t;
    t.connect();
    const std::size_t before = t.bridge.ice.agent().checks_received();
    t.run(seconds(61));
    // The peer asks as well: 61 s give 10 to 15 of its checks.
    const std::size_t asked = t.bridge.ice.agent().checks_received() - before;
    CHECK(asked >= 10);
    CHECK(asked <= 15);
    CHECK(t.bridge.ice.state() == IceState::connected);
    CHECK_FALSE(t.bridge.saw(IceEventKind::consent_lost));
}

TEST_CASE("thirty seconds without an answer end consent, and the peer's return brings it back") {
    Talk t;
    t.connect();
    t.run(seconds(1));
    t.passes = [](const Address&, const Address&) { return false; };
    t.run(seconds(24));
    CHECK(t.bridge.ice.state() == IceState::connected);
    t.run(seconds(7));
    CHECK(t.bridge.ice.state() == IceState::disconnected);
    CHECK(t.bridge.count(IceEventKind::consent_lost) == 1);
    CHECK_FALSE(t.bridge.ice.send_address());

    t.run(seconds(60));
    CHECK(t.bridge.count(IceEventKind::consent_lost) == 1);
}

TEST_CASE("after consent is lost a check from a new address connects again") {
    Talk t;
    t.connect();
    Talk* talk = &t;
    t.passes = [](const Address&, const Address&) { return false; };
    t.run(seconds(32));
    REQUIRE(t.bridge.ice.state() == IceState::disconnected);
    talk->passes = [](const Address&, const Address&) { return true; };
    t.peer.address = kNewPlace;
    // A browser keeps checking; the peer here has lost its own consent, so it checks by hand.
    std::array<std::uint8_t, 300> block{};
    StunWriter writer(block, StunClass::request, make_transaction(5));
    writer.username(t.bridge.ice.describe().local.ufrag, t.peer.ice.describe().local.ufrag);
    writer.controlled(1);
    writer.priority(5);
    const IntegrityKey key(t.bridge.ice.describe().local.pwd);
    const std::size_t size = writer.finish(&key);
    CHECK(t.inject(BytesView(block).first(size), kNewPlace) == StunVerdict::handled);
    t.run(milliseconds(200));
    CHECK(t.bridge.ice.state() == IceState::connected);
    CHECK(t.bridge.ice.selected() == kNewPlace);
    CHECK(t.bridge.count(IceEventKind::connected) == 2);
}

TEST_CASE("one lost consent check is repeated after half a second") {
    Talk t;
    t.connect();
    t.run(milliseconds(3000));
    const std::size_t before = t.bridge.sent;
    int lost = 0;
    t.passes = [&](const Address& from, const Address&) {
        return !(from == t.bridge.address && lost++ < 1);
    };
    t.run(seconds(4));
    CHECK(t.bridge.sent > before);
    CHECK(t.bridge.ice.state() == IceState::connected);
}

TEST_CASE("a peer whose translator gave it another port is followed") {
    Talk t;
    t.connect();
    const Address old = t.peer.address;
    t.run(seconds(2));
    t.peer.address = t.peer.address.with_port(41'000);  // the old address swallows everything
    t.run(seconds(12));
    CHECK(t.bridge.ice.validated(t.peer.address));
    CHECK(t.bridge.ice.state() == IceState::connected);
    CHECK(t.bridge.ice.selected() == t.peer.address);
    CHECK(t.bridge.ice.selected() != old);
    CHECK(t.bridge.count(IceEventKind::selected_changed) == 1);
    t.run(seconds(60));
    CHECK(t.bridge.ice.state() == IceState::connected);
    CHECK(t.bridge.count(IceEventKind::selected_changed) == 1);
    CHECK_FALSE(t.bridge.saw(IceEventKind::consent_lost));
}

TEST_CASE("media from a validated new address makes the move quick") {
    Talk t;
    t.connect();
    t.run(seconds(1));
    t.peer.address = kNewPlace;
    // Its next check makes the new address valid; until then media from there counts for nothing.
    while (!t.bridge.ice.validated(kNewPlace)) t.run(milliseconds(10));
    t.run(milliseconds(50));
    const TimePoint start = t.now;
    while (t.bridge.ice.selected() != kNewPlace && t.now - start < seconds(10)) {
        t.bridge.ice.on_media(kNewPlace, t.now);
        t.run(milliseconds(20));
    }
    CHECK(t.now - start < milliseconds(1300));
    CHECK(t.bridge.ice.selected() == kNewPlace);
}

TEST_CASE("media from an address that is not validated moves nothing") {
    Talk t;
    t.connect();
    const Address old = t.peer.address;
    for (int i = 0; i < 500; ++i) {
        t.bridge.ice.on_media(kNewPlace, t.now);
        t.run(milliseconds(20));
    }
    CHECK(t.bridge.ice.selected() == old);
}

TEST_CASE("two live addresses of one peer do not make the selection swing") {
    Talk t;
    t.connect();
    const Address first = t.peer.address;
    std::array<std::uint8_t, 300> block{};
    const IntegrityKey key(t.bridge.ice.describe().local.pwd);
    const auto check_from_second = [&] {
        StunWriter writer(block, StunClass::request, make_transaction(5));
        writer.username(t.bridge.ice.describe().local.ufrag, "peer");
        writer.controlled(1);
        writer.priority(5);
        const std::size_t size = writer.finish(&key);
        CHECK(t.inject(BytesView(block).first(size), kNewPlace) == StunVerdict::handled);
    };
    // The peer answers at both addresses, and is heard far more often from the second.
    t.passes = [&](const Address& from, const Address& to) {
        if (from == t.bridge.address) t.peer.address = to;
        return true;
    };
    for (int i = 0; i < 200; ++i) {
        check_from_second();
        t.run(milliseconds(250));
    }
    CHECK(t.bridge.ice.selected() == first);
    CHECK_FALSE(t.bridge.saw(IceEventKind::selected_changed));
}

TEST_CASE("a controlled side follows nominations that switch each second, the last one wins") {
    Talk t({}, IceRole::controlled, IceRole::controlling);
    t.connect();
    REQUIRE(t.bridge.ice.state() == IceState::connected);
    t.peer_asks = false;
    std::array<std::uint8_t, 300> block{};
    const IntegrityKey key(t.bridge.ice.describe().local.pwd);
    t.passes = [&](const Address& from, const Address& to) {
        if (from == t.bridge.address) t.peer.address = to;
        return true;
    };
    for (std::uint16_t i = 0; i < 50; ++i) {
        const Address from = kNewPlace.with_port(static_cast<std::uint16_t>(1000 + i % 2));
        StunWriter writer(block, StunClass::request, make_transaction(5));
        writer.username(t.bridge.ice.describe().local.ufrag, "peer");
        writer.controlling(~0ull);
        writer.use_candidate();
        writer.priority(5);
        const std::size_t size = writer.finish(&key);
        CHECK(t.inject(BytesView(block).first(size), from) == StunVerdict::handled);
        t.run(seconds(1));
        CHECK(t.bridge.ice.selected() == from);
    }
    CHECK(t.bridge.ice.agent().pair_count() == 3);
}
