#include <doctest/doctest.h>

#include "tests/bridge/ice/talk.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// The peer's new agent during a restart is a second Side; here its checks are made by hand.
struct Restart {
    Talk t;
    IceCredentials old_local;
    IceCredentials fresh_peer = make_local_credentials(3'000'000);

    explicit Restart(IceTransportConfig config = {}) : t(config) {
        old_local = t.bridge.ice.describe().local;
        t.connect();
    }
    RestartOutcome request() {
        t.out.clear();
        return t.bridge.ice.request_restart(make_local_credentials(4'000'000), t.now, t.out);
    }
    // The peer's side of the new generation answers and checks from this address.
    void peer_checks(const Address& from) {
        const IceCredentials to = t.bridge.ice.describe().local;
        std::array<std::uint8_t, 300> block{};
        StunWriter writer(block, StunClass::request, make_transaction(5));
        writer.username(to.ufrag, fresh_peer.ufrag);
        writer.controlled(1);
        writer.priority(5);
        const IntegrityKey key(to.pwd);
        const std::size_t size = writer.finish(&key);
        CHECK(t.inject(BytesView(block).first(size), from) == StunVerdict::handled);
    }
    // Ticks the bridge and answers every check that it sends to `at` for the new generation.
    void answer_for(Duration time, const Address& at) {
        const TimePoint until = t.now + time;
        for (; t.now < until; t.now += milliseconds(1)) {
            t.out.clear();
            t.bridge.ice.tick(t.now, t.out);
            for (const IceEvent& e : t.out.events()) t.bridge.events.push_back(e);
            answer_all(at);
        }
    }
    // What is in t.out, and what the bridge says to the answers.
    void answer_all(const Address& at) {
        std::vector<TransactionId> asked;
        for (const auto& d : t.out.datagrams()) {
            if (d.to == at) asked.push_back(StunMessage::parse(d.bytes())->transaction());
        }
        for (const TransactionId& id : asked) {
            std::array<std::uint8_t, 300> block{};
            StunWriter writer(block, StunClass::success, id);
            writer.xor_mapped_address(t.bridge.address);
            const IntegrityKey key(fresh_peer.pwd);
            const std::size_t size = writer.finish(&key);
            CHECK(t.inject(BytesView(block).first(size), at) == StunVerdict::handled);
            answer_all(at);
        }
    }
};

const Address kNew = *Address::parse("203.0.113.200", 3000);

}  // namespace

TEST_CASE("a restart before establishment keeps what is there") {
    Talk t;
    const std::string ufrag = t.bridge.ice.describe().local.ufrag;
    CHECK(t.bridge.ice.request_restart(make_local_credentials(1), t.now, t.out) ==
          RestartOutcome::keep_existing);
    CHECK(t.bridge.ice.describe().local.ufrag == ufrag);
    CHECK_FALSE(t.bridge.ice.describe().generation);
}

TEST_CASE("restarts that are switched off are unavailable") {
    IceTransportConfig config;
    config.restart_timeout = Duration::zero();
    Restart r(config);
    CHECK(r.request() == RestartOutcome::unavailable);
}

TEST_CASE("a restart gives a new ufrag with generation 1 and media stays where it is") {
    Restart r;
    CHECK(r.request() == RestartOutcome::started);
    CHECK(r.t.bridge.ice.describe().local.ufrag != r.old_local.ufrag);
    CHECK(r.t.bridge.ice.describe().generation == 1u);
    CHECK(r.t.bridge.ice.send_address() == r.t.peer.address);
    SUBCASE("asked again before checks it is the same one") {
        const std::string ufrag = r.t.bridge.ice.describe().local.ufrag;
        CHECK(r.request() == RestartOutcome::started);
        CHECK(r.t.bridge.ice.describe().local.ufrag == ufrag);
        CHECK(r.t.bridge.ice.describe().generation == 1u);
    }
    SUBCASE("asked again after checks began it is the next one") {
        const std::string ufrag = r.t.bridge.ice.describe().local.ufrag;
        CHECK(r.t.bridge.ice.set_remote_credentials(r.fresh_peer, 1, r.t.now));
        CHECK(r.request() == RestartOutcome::started);
        CHECK(r.t.bridge.ice.describe().local.ufrag != ufrag);
        CHECK(r.t.bridge.ice.describe().generation == 2u);
    }
}

TEST_CASE("credentials of another generation, or of none, do not reach the pending agent") {
    Restart r;
    REQUIRE(r.request() == RestartOutcome::started);
    CHECK_FALSE(r.t.bridge.ice.set_remote_credentials(r.fresh_peer, 2, r.t.now));
    CHECK_FALSE(r.t.bridge.ice.set_remote_credentials(r.fresh_peer, {}, r.t.now));
    CHECK(r.t.bridge.ice.set_remote_credentials(r.fresh_peer, 1, r.t.now));
    CHECK_FALSE(r.t.bridge.ice.set_remote_credentials(r.fresh_peer, 1, r.t.now));
}

TEST_CASE("when the new agent connects media moves and the old one goes three seconds later") {
    Restart r;
    REQUIRE(r.request() == RestartOutcome::started);
    const Address old = r.t.peer.address;
    r.peer_checks(kNew);
    CHECK(r.t.bridge.ice.validated(kNew));
    CHECK(r.t.bridge.ice.set_remote_credentials(r.fresh_peer, 1, r.t.now));
    r.answer_for(milliseconds(100), kNew);
    CHECK(r.t.bridge.ice.selected() == kNew);
    CHECK(r.t.bridge.count(IceEventKind::selected_changed) == 1);
    CHECK(r.t.bridge.count(IceEventKind::connected) == 1);
    CHECK(r.t.bridge.count(IceEventKind::writable) == 1);
    CHECK_FALSE(r.t.bridge.ice.describe().generation);
    CHECK(r.t.bridge.ice.validated(old));
    CHECK_FALSE(r.t.bridge.saw(IceEventKind::address_released));
    r.answer_for(seconds(3), kNew);
    CHECK_FALSE(r.t.bridge.ice.validated(old));
    CHECK(r.t.bridge.count(IceEventKind::address_released) == 1);
    CHECK(r.t.bridge.events.back().address == old);
}

TEST_CASE("an address of both generations is not released with the old one") {
    Restart r;
    REQUIRE(r.request() == RestartOutcome::started);
    const Address same = r.t.peer.address;
    r.peer_checks(same);
    CHECK(r.t.bridge.ice.set_remote_credentials(r.fresh_peer, 1, r.t.now));
    r.answer_for(seconds(3), same);
    r.answer_for(milliseconds(200), same);
    CHECK(r.t.bridge.ice.selected() == same);
    CHECK(r.t.bridge.ice.validated(same));
    CHECK_FALSE(r.t.bridge.saw(IceEventKind::address_released));
}

TEST_CASE("a restart that does not complete in twenty seconds is dropped silently") {
    Restart r;
    REQUIRE(r.request() == RestartOutcome::started);
    const auto events = r.t.bridge.events.size();
    r.t.run(milliseconds(19'900));
    CHECK(r.t.bridge.ice.describe().generation == 1u);
    r.t.run(milliseconds(200));
    CHECK_FALSE(r.t.bridge.ice.describe().generation);
    CHECK(r.t.bridge.ice.describe().local == r.old_local);
    CHECK(r.t.bridge.ice.state() == IceState::connected);
    CHECK(r.t.bridge.events.size() == events);
}

TEST_CASE("a pending agent that fails leaves the old one and says nothing") {
    Restart r;
    REQUIRE(r.request() == RestartOutcome::started);
    CHECK(r.t.bridge.ice.set_remote_credentials(r.fresh_peer, 1, r.t.now));
    CHECK(r.t.bridge.ice.add_remote_candidate({CandidateType::host, kNew, 1}, 1, r.t.now));
    r.t.run(seconds(12));
    CHECK_FALSE(r.t.bridge.ice.describe().generation);
    CHECK_FALSE(r.t.bridge.saw(IceEventKind::failed));
    CHECK(r.t.bridge.ice.state() == IceState::connected);
    CHECK(r.t.bridge.ice.selected() == r.t.peer.address);
}

TEST_CASE("after consent is lost a restart from a new port brings the peer back") {
    Restart r;
    Talk& t = r.t;
    t.passes = [](const Address&, const Address&) { return false; };
    t.run(seconds(40));
    REQUIRE(t.bridge.ice.state() == IceState::disconnected);
    REQUIRE_FALSE(t.bridge.ice.selected());
    CHECK(r.request() == RestartOutcome::started);
    const Address new_port = *Address::parse("198.51.100.20", 41'001);
    REQUIRE(t.bridge.ice.set_remote_credentials(r.fresh_peer, 1u, t.now));
    r.peer_checks(new_port);
    t.bridge.events.clear();
    r.answer_for(milliseconds(500), new_port);
    CHECK(t.bridge.ice.selected() == new_port);
    CHECK(t.bridge.ice.state() == IceState::connected);
    CHECK(t.bridge.ice.restarts_completed() == 1);
    CHECK(t.bridge.saw(IceEventKind::connected));
}
