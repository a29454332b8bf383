#include <doctest/doctest.h>

#include "tests/bridge/ice/talk.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

struct Message {
    std::array<std::uint8_t, 600> block{};
    std::size_t size = 0;
    BytesView bytes() const { return BytesView(block).first(size); }
};

struct CheckSpec {
    bool priority = true;
    bool controlled = true;
    bool controlling = false;
    bool use_candidate = false;
    bool integrity = true;
    std::uint64_t tie_breaker = 7;
    std::string pwd{};  // empty: the right one
};

Message make_check(const IceCredentials& to, const CheckSpec& spec) {
    Message m;
    StunWriter writer(m.block, StunClass::request, make_transaction(1));
    writer.username(to.ufrag, "peer");
    if (spec.controlled) writer.controlled(spec.tie_breaker);
    if (spec.controlling) writer.controlling(spec.tie_breaker);
    if (spec.use_candidate) writer.use_candidate();
    if (spec.priority) writer.priority(1'000'000);
    const IntegrityKey key(spec.pwd.empty() ? to.pwd : spec.pwd);
    m.size = writer.finish(spec.integrity ? &key : nullptr);
    return m;
}

const Address kPeer = *Address::parse("198.51.100.20", 40'000);

}  // namespace

TEST_CASE("a browser without candidates is found by its own checks and nominated") {
    Talk t;
    t.give_peer_credentials();
    t.run(milliseconds(200));
    CHECK(t.bridge.ice.state() == IceState::waiting);
    CHECK(t.bridge.ice.validated(t.peer.address));
    CHECK(t.bridge.saw(IceEventKind::address_bound));
    CHECK_FALSE(t.bridge.ice.send_address());
    CHECK(t.peer.saw(IceEventKind::writable));  // it was answered already

    t.give_bridge_credentials();
    t.run(milliseconds(50));
    CHECK(t.bridge.ice.state() == IceState::connected);
    CHECK(t.bridge.ice.selected() == t.peer.address);
    CHECK(t.bridge.count(IceEventKind::writable) == 1);
    CHECK(t.bridge.count(IceEventKind::connected) == 1);
    t.run(milliseconds(50));
    CHECK(t.peer.ice.state() == IceState::connected);
    CHECK(t.peer.ice.selected() == t.bridge.address);
    CHECK(t.bridge.ice.agent().mapped_address() == t.bridge.address);
    CHECK(t.bridge.ice.agent().round_trip() == milliseconds(20));
}

TEST_CASE("two round trips after the credentials media may flow") {
    Talk t;
    t.give_peer_credentials();
    t.run(milliseconds(100));
    t.give_bridge_credentials();
    t.run(milliseconds(22));
    CHECK(t.bridge.saw(IceEventKind::writable));
    t.run(milliseconds(22));
    CHECK(t.bridge.saw(IceEventKind::connected));
}

TEST_CASE("a bridge that is controlled follows the peer's nomination") {
    Talk t({}, IceRole::controlled, IceRole::controlling);
    t.connect();
    CHECK(t.bridge.ice.state() == IceState::connected);
    CHECK(t.peer.ice.state() == IceState::connected);
    CHECK(t.bridge.ice.agent().role() == IceRole::controlled);
}

TEST_CASE("two controlling sides settle on one role each") {
    for (const IceRole role : {IceRole::controlling, IceRole::controlled}) {
        Talk t({}, role, role);
        t.connect();
        t.run(seconds(1));
        CHECK(t.bridge.ice.state() == IceState::connected);
        CHECK(t.peer.ice.state() == IceState::connected);
        CHECK(t.bridge.ice.agent().role() != t.peer.ice.agent().role());
    }
}

TEST_CASE("both sides know candidates and credentials from the start") {
    Talk t;
    t.give_bridge_credentials();
    CHECK(t.bridge.ice.add_remote_candidate({CandidateType::host, t.peer.address, 1}, {}, t.now));
    t.give_peer_credentials();
    t.run(milliseconds(200));
    CHECK(t.bridge.ice.state() == IceState::connected);
    CHECK(t.peer.ice.state() == IceState::connected);
}

TEST_CASE("three of ten datagrams lost are no obstacle") {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        Talk t;
        std::uint32_t state = seed * 2'654'435'761u;
        t.passes = [&](const Address&, const Address&) {
            state = state * 1'664'525 + 1'013'904'223;
            return (state >> 16) % 10 >= 3;
        };
        t.connect();
        t.run(seconds(20));
        CAPTURE(seed);
        CHECK(t.bridge.ice.state() == IceState::connected);
        CHECK(t.peer.ice.state() == IceState::connected);
    }
}

TEST_CASE("a check with the right ufrag and the wrong integrity changes nothing") {
    Talk t;
    const IceCredentials to = t.bridge.ice.describe().local;
    for (CheckSpec spec : {CheckSpec{.pwd = "another password of length"},
                           CheckSpec{.integrity = false}}) {
        spec.use_candidate = true;
        const Message m = make_check(to, spec);
        CHECK(t.inject(m.bytes(), kPeer) == StunVerdict::bad_integrity);
        CHECK(t.out.datagrams().empty());
        CHECK(t.out.events().empty());
        CHECK_FALSE(t.bridge.ice.validated(kPeer));
        CHECK(t.bridge.ice.agent().pair_count() == 0);
    }
}

TEST_CASE("bad integrity does not disturb a call") {
    Talk t;
    t.connect();
    REQUIRE(t.bridge.ice.state() == IceState::connected);
    const auto events = t.bridge.events.size();
    const Message m = make_check(t.bridge.ice.describe().local,
                                 {.use_candidate = true, .pwd = "another password of length"});
    CHECK(t.inject(m.bytes(), t.peer.address) == StunVerdict::bad_integrity);
    CHECK(t.inject(m.bytes(), *Address::parse("203.0.113.1", 1)) == StunVerdict::bad_integrity);
    CHECK(t.bridge.events.size() == events);
    CHECK(t.bridge.ice.selected() == t.peer.address);
}

TEST_CASE("a stranger's ufrag gets no answer") {
    Talk t;
    const Message m = make_check({"stranger", "a password of some length"}, {});
    CHECK(t.inject(m.bytes(), kPeer) == StunVerdict::unknown_user);
    CHECK(t.out.datagrams().empty());
}

TEST_CASE("a check without priority is refused with 400") {
    Talk t;
    const IceCredentials to = t.bridge.ice.describe().local;
    const Message m = make_check(to, {.priority = false});
    CHECK(t.inject(m.bytes(), kPeer) == StunVerdict::refused);
    REQUIRE(t.out.datagrams().size() == 1);
    const auto answer = StunMessage::parse(t.out.datagrams()[0].bytes());
    REQUIRE(answer);
    CHECK(answer->error_code() == 400);
    CHECK(answer->check_integrity(IntegrityKey(to.pwd)));
    CHECK_FALSE(t.bridge.ice.validated(kPeer));
}

TEST_CASE("a role conflict is answered with 487 by the larger tie-breaker only") {
    Talk t;
    const IceCredentials to = t.bridge.ice.describe().local;
    const Message small = make_check(to, {.controlled = false, .controlling = true,
                                          .tie_breaker = 0});
    CHECK(t.inject(small.bytes(), kPeer) == StunVerdict::refused);
    const auto answer = StunMessage::parse(t.out.datagrams()[0].bytes());
    REQUIRE(answer);
    CHECK(answer->error_code() == 487);
    CHECK(t.bridge.ice.agent().role() == IceRole::controlling);

    const Message large = make_check(to, {.controlled = false, .controlling = true,
                                          .tie_breaker = ~0ull});
    CHECK(t.inject(large.bytes(), kPeer) == StunVerdict::handled);
    CHECK(t.bridge.ice.agent().role() == IceRole::controlled);
}

TEST_CASE("an unknown required attribute is named in a 420") {
    Talk t;
    const IceCredentials to = t.bridge.ice.describe().local;
    // A check with attribute 0x0031 before its integrity, signed by hand.
    Message m;
    ByteWriter w(m.block);
    w.u16(0x0001);
    w.u16(0);
    w.u32(kStunMagicCookie);
    w.zeros(12);
    const std::string user = to.ufrag + ":peer";
    w.u16(0x0006);
    w.u16(static_cast<std::uint16_t>(user.size()));
    for (const char c : user) w.u8(static_cast<std::uint8_t>(c));
    w.zeros((4 - user.size() % 4) % 4);
    w.u16(0x0031);
    w.u16(0);
    store_be16(&m.block[2], static_cast<std::uint16_t>(w.size() - 20 + 24));
    IntegrityKey::Digest digest{};
    const BytesView all = w.written();
    REQUIRE(IntegrityKey(to.pwd).sign(all.first(20), all.subspan(20), digest));
    w.u16(0x0008);
    w.u16(20);
    w.bytes(digest);
    m.size = w.size();
    CHECK(t.inject(m.bytes(), kPeer) == StunVerdict::refused);
    const auto answer = StunMessage::parse(t.out.datagrams()[0].bytes());
    REQUIRE(answer);
    CHECK(answer->error_code() == 420);
    CHECK(t.out.datagrams()[0].length <= m.size);
}

TEST_CASE("no answer is longer than the smallest browser's check") {
    Talk t;
    const IceCredentials to = t.bridge.ice.describe().local;
    for (const char* ip : {"198.51.100.20", "2001:db8::5"}) {
        for (const CheckSpec& spec :
             {CheckSpec{}, CheckSpec{.priority = false},
              CheckSpec{.controlled = false, .controlling = true, .tie_breaker = 0}}) {
            const Message m = make_check(to, spec);
            t.inject(m.bytes(), *Address::parse(ip, 4000));
            REQUIRE(t.out.datagrams().size() == 1);
            CHECK(t.out.datagrams()[0].length <= m.size);
        }
    }
}

TEST_CASE("checks from addresses that the policy refuses are not answered") {
    Talk t;
    const Message m = make_check(t.bridge.ice.describe().local, {});
    for (const char* ip : {"127.0.0.1", "0.0.0.0", "224.0.0.1", "::1", "::ffff:127.0.0.1"}) {
        CHECK(t.inject(m.bytes(), *Address::parse(ip, 4000)) == StunVerdict::refused_address);
        CHECK(t.out.datagrams().empty());
        CHECK_FALSE(t.bridge.ice.add_remote_candidate(
            {CandidateType::host, *Address::parse(ip, 4000), 1}, {}, t.now));
    }
    CHECK(t.bridge.ice.agent().pair_count() == 0);
}

TEST_CASE("responses that nobody asked for are unmatched") {
    Talk t;
    t.connect();
    Message m;
    StunWriter writer(m.block, StunClass::success, make_transaction(77));
    writer.xor_mapped_address(kPeer);
    const IntegrityKey key(t.peer.ice.describe().local.pwd);
    m.size = writer.finish(&key);
    CHECK(t.inject(m.bytes(), kPeer) == StunVerdict::unmatched);
}

TEST_CASE("a response from another address or with another key does not count") {
    Talk t;
    t.give_bridge_credentials();
    t.bridge.ice.add_remote_candidate({CandidateType::host, kPeer, 1}, {}, t.now);
    t.out.clear();
    t.bridge.ice.tick(t.now, t.out);
    REQUIRE(t.out.datagrams().size() == 1);
    const TransactionId id = StunMessage::parse(t.out.datagrams()[0].bytes())->transaction();
    CHECK(stun_tag(id) == 77);
    const auto respond = [&](std::string_view pwd, const Address& from) {
        Message m;
        StunWriter writer(m.block, StunClass::success, id);
        writer.xor_mapped_address(t.bridge.address);
        const IntegrityKey key(pwd);
        m.size = writer.finish(&key);
        return t.inject(m.bytes(), from);
    };
    const std::string pwd = t.peer.ice.describe().local.pwd;
    CHECK(respond("another password of length", kPeer) == StunVerdict::bad_integrity);
    CHECK(respond(pwd, *Address::parse("203.0.113.1", 1)) == StunVerdict::unmatched);
    CHECK_FALSE(t.bridge.ice.send_address());
    CHECK(respond(pwd, kPeer) == StunVerdict::handled);
    CHECK(t.bridge.ice.send_address() == kPeer);
    CHECK(respond(pwd, kPeer) == StunVerdict::unmatched);  // once
}

TEST_CASE("a check list of silent candidates fails after its retransmissions and five seconds") {
    Talk t;
    t.passes = [](const Address&, const Address&) { return false; };
    t.give_bridge_credentials();
    t.bridge.ice.add_remote_candidate({CandidateType::host, kPeer, 1}, {}, t.now);
    // 100+200+400+800+1600+1600+1600 ms of waiting, then 5 s.
    t.run(milliseconds(11'200));
    CHECK(t.bridge.sent == 7);
    CHECK(t.bridge.ice.state() == IceState::checking);
    t.run(milliseconds(200));
    CHECK(t.bridge.ice.state() == IceState::failed);
    CHECK(t.bridge.count(IceEventKind::failed) == 1);
    t.run(seconds(60));
    CHECK(t.bridge.sent == 7);
    CHECK(t.bridge.count(IceEventKind::failed) == 1);

    SUBCASE("and a late check of the peer brings it back") {
        t.passes = [](const Address&, const Address&) { return true; };
        t.give_peer_credentials();
        t.run(milliseconds(500));
        CHECK(t.bridge.ice.state() == IceState::connected);
    }
}

TEST_CASE("no candidates and no checks is waiting, not failure") {
    Talk t;
    t.give_bridge_credentials();
    t.run(seconds(60));
    CHECK(t.bridge.ice.state() == IceState::checking);
    CHECK(t.bridge.sent == 0);
    CHECK(t.bridge.ice.next_deadline() == TimePoint::max());
}

TEST_CASE("checks are paced") {
    Talk t;
    t.passes = [](const Address&, const Address&) { return false; };
    t.give_bridge_credentials();
    for (std::uint16_t i = 0; i < 10; ++i) {
        t.bridge.ice.add_remote_candidate(
            {CandidateType::host, kPeer.with_port(static_cast<std::uint16_t>(5000 + i)), i}, {},
            t.now);
    }
    t.run(milliseconds(95));
    CHECK(t.bridge.sent == 5);
}

TEST_CASE("remote candidates are bounded and the peer's own checks have room nevertheless") {
    Talk t;
    t.give_bridge_credentials();
    std::size_t taken = 0;
    for (std::uint16_t i = 0; i < 1000; ++i) {
        taken += t.bridge.ice.add_remote_candidate(
            {CandidateType::host, kPeer.with_port(static_cast<std::uint16_t>(1 + i)), i}, {},
            t.now);
    }
    CHECK(t.bridge.ice.agent().pair_count() == IceAgent::kMaxPairs);
    CHECK(taken == 1000);  // the oldest unproved ones went
    t.give_peer_credentials();
    t.run(milliseconds(700));
    CHECK(t.bridge.ice.selected() == t.peer.address);
}

TEST_CASE("a peer that comes from ten thousand addresses keeps a bounded number of them") {
    Talk t;
    t.connect();
    REQUIRE(t.bridge.ice.state() == IceState::connected);
    const Message m = make_check(t.bridge.ice.describe().local, {});
    std::size_t bound = t.bridge.count(IceEventKind::address_bound);
    std::size_t released = 0;
    for (std::uint16_t i = 1; i <= 10'000; ++i) {
        t.inject(m.bytes(), *Address::parse("203.0.113.1", i));
        for (const IceEvent& e : t.out.events()) {
            bound += e.kind == IceEventKind::address_bound;
            released += e.kind == IceEventKind::address_released;
        }
    }
    CHECK(bound - released == IceAgent::kMaxPairs);
    CHECK(t.bridge.ice.selected() == t.peer.address);
    CHECK(t.bridge.ice.validated(t.peer.address));
}

TEST_CASE("a relayed candidate is nominated only after its patience") {
    Talk t;
    t.give_bridge_credentials();
    t.bridge.ice.add_remote_candidate({CandidateType::relay, t.peer.address, 1}, {}, t.now);
    t.bridge.ice.add_remote_candidate({CandidateType::host, kPeer.with_port(9), 9}, {}, t.now);
    t.peer.ice.set_remote_credentials(t.bridge.ice.describe().local, {}, t.now);
    t.run(milliseconds(700));
    CHECK(t.bridge.saw(IceEventKind::writable));
    CHECK_FALSE(t.bridge.saw(IceEventKind::connected));
    t.run(milliseconds(250));
    CHECK(t.bridge.saw(IceEventKind::connected));
}

TEST_CASE("credentials are taken once and only when well formed") {
    Talk t;
    CHECK_FALSE(t.bridge.ice.set_remote_credentials({"abc", "short"}, {}, t.now));
    CHECK(t.bridge.ice.set_remote_credentials(t.peer.ice.describe().local, {}, t.now));
    CHECK_FALSE(t.bridge.ice.set_remote_credentials({"abcd", std::string(22, 'x')}, {}, t.now));
    CHECK(t.bridge.ice.agent().remote() == t.peer.ice.describe().local);
}

TEST_CASE("the longest ufrags still fit into a check") {
    const std::string longest(kMaxUfrag, 'u');
    const IceCredentials local{"local678901234567890123456789", std::string(26, 'p')};
    IceAgent agent({}, IceRole::controlling, local, 1, 2);
    IceOutput out;
    const TimePoint now{seconds(5)};
    REQUIRE(agent.set_remote_credentials({longest, std::string(256, 'p')}, now));
    REQUIRE(agent.add_remote_candidate({CandidateType::host, kPeer, 1}, now));
    agent.tick(now, out);
    REQUIRE(out.datagrams().size() == 1);
    CHECK(StunMessage::parse(out.datagrams()[0].bytes()).has_value());
}
