#include "bridge/net/demux.hpp"

#include <doctest/doctest.h>

#include <set>

#include "bridge/ice/agent.hpp"
#include "bridge/ice/stun.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

constexpr EndpointToken kAlice{11};
constexpr EndpointToken kBob{0xfeedbeef};
const Address kHome = *Address::parse("192.0.2.1", 4000);
const Address kAway = *Address::parse("2001:db8::1", 4000);

struct Message {
    std::array<std::uint8_t, 200> block{};
    std::size_t size = 0;
    BytesView bytes() const { return BytesView(block).first(size); }
};

Message stun(StunClass c, const TransactionId& id, std::string_view ufrag = {}) {
    Message m;
    StunWriter writer(m.block, c, id);
    if (!ufrag.empty()) writer.username(ufrag, "peer");
    m.size = writer.finish(nullptr);
    return m;
}

DatagramKind kind_of(std::uint8_t first, std::uint8_t second) {
    const std::array<std::uint8_t, 2> bytes{first, second};
    return classify(bytes);
}

}  // namespace

TEST_CASE("every first byte has its class") {
    for (int b = 0; b < 256; ++b) {
        CAPTURE(b);
        const DatagramKind kind = kind_of(static_cast<std::uint8_t>(b), 111);
        if (b <= 3) CHECK(kind == DatagramKind::stun);
        else if (b >= 20 && b <= 63) CHECK(kind == DatagramKind::dtls);
        else if (b >= 128 && b <= 191) CHECK(kind == DatagramKind::rtp);
        else CHECK(kind == DatagramKind::unknown);
    }
}

TEST_CASE("RTCP is told from RTP by the whole second byte") {
    for (int b = 0; b < 256; ++b) {
        CAPTURE(b);
        const bool rtcp = kind_of(0x80, static_cast<std::uint8_t>(b)) == DatagramKind::rtcp;
        CHECK(rtcp == (b >= 192 && b <= 223));
    }
}

TEST_CASE("empty and one-byte datagrams belong to nobody") {
    const Demux demux;
    CHECK(demux.route({}, kHome).reason == DropReason::empty_datagram);
    const std::array<std::uint8_t, 1> rtp{0x80};
    CHECK(demux.route(rtp, kHome).reason == DropReason::unknown_first_byte);
    CHECK_FALSE(demux.route(rtp, kHome).token);
}

TEST_CASE("media goes by address, and only after that address is bound") {
    Demux demux;
    const std::array<std::uint8_t, 12> rtp{0x80, 111};
    CHECK_FALSE(demux.route(rtp, kHome).token);
    CHECK(demux.route(rtp, kHome).reason == DropReason::unknown_address);
    CHECK(demux.bind(kHome, kAlice));
    CHECK(demux.route(rtp, kHome).token == kAlice);
    CHECK(demux.route(rtp, kHome).kind == DatagramKind::rtp);
    CHECK_FALSE(demux.route(rtp, kHome.with_port(4001)).token);
    CHECK_FALSE(demux.route(rtp, kAway).token);
}

TEST_CASE("a STUN request goes by its ufrag whatever its address is bound to") {
    Demux demux;
    CHECK(demux.add_ufrag("alice", kAlice));
    CHECK(demux.add_ufrag("bob1", kBob));
    CHECK(demux.bind(kHome, kAlice));
    const Message m = stun(StunClass::request, {}, "bob1");
    CHECK(demux.route(m.bytes(), kHome).token == kBob);
    const Message stranger = stun(StunClass::request, {}, "eve1");
    CHECK_FALSE(demux.route(stranger.bytes(), kHome).token);
    CHECK(demux.route(stranger.bytes(), kHome).reason == DropReason::stun_unknown_user);
    const Message nobody = stun(StunClass::request, {});
    CHECK_FALSE(demux.route(nobody.bytes(), kHome).token);
}

TEST_CASE("a STUN response goes by the tag of its transaction, from any address") {
    Demux demux;
    CHECK(demux.add_ufrag("alice", kAlice));
    CHECK(demux.add_ufrag("bob1", kBob));
    for (int i = 0; i < 100; ++i) {
        const auto id = make_transaction(static_cast<std::uint32_t>(kBob));
        CHECK(demux.route(stun(StunClass::success, id).bytes(), kAway).token == kBob);
        CHECK(demux.route(stun(StunClass::error, id).bytes(), kAway).token == kBob);
    }
    const auto id = make_transaction(999);
    CHECK_FALSE(demux.route(stun(StunClass::success, id).bytes(), kAway).token);
    CHECK(demux.route(stun(StunClass::success, id).bytes(), kAway).reason ==
          DropReason::stun_unmatched);
}

TEST_CASE("indications and broken STUN are malformed") {
    Demux demux;
    CHECK(demux.add_ufrag("alice", kAlice));
    Message m = stun(StunClass::indication, {}, "alice");
    CHECK_FALSE(demux.route(m.bytes(), kHome).token);
    m = stun(StunClass::request, {}, "alice");
    m.block[25] ^= 1;
    CHECK_FALSE(demux.route(m.bytes(), kHome).token);
    CHECK(demux.route(m.bytes(), kHome).reason == DropReason::stun_malformed);
}

TEST_CASE("an authenticated check takes nobody's address, an answered one does") {
    Demux demux;
    CHECK(demux.bind(kHome, kAlice));
    CHECK(demux.bind(kHome, kAlice));
    CHECK_FALSE(demux.bind(kHome, kBob));
    CHECK(demux.find(kHome) == kAlice);
    CHECK(demux.take(kHome, kBob));
    CHECK(demux.find(kHome) == kBob);
    demux.unbind(kHome, kAlice);  // not hers any more
    CHECK(demux.find(kHome) == kBob);
    demux.remove(kAlice);
    CHECK(demux.find(kHome) == kBob);
    demux.unbind(kHome, kBob);
    CHECK_FALSE(demux.find(kHome));
}

TEST_CASE("an endpoint that goes takes everything with it") {
    Demux demux;
    CHECK(demux.add_ufrag("alice", kAlice));
    CHECK(demux.bind(kHome, kAlice));
    CHECK(demux.bind(kAway, kAlice));
    demux.remove(kAlice);
    CHECK(demux.address_count() == 0);
    CHECK(demux.token_count() == 0);
    CHECK_FALSE(demux.find_ufrag("alice"));
    CHECK(demux.add_ufrag("alice", kBob));
}

TEST_CASE("ufrags are unique and the oldest of an endpoint gives way") {
    Demux demux;
    CHECK(demux.add_ufrag("first", kAlice));
    CHECK(demux.add_ufrag("first", kAlice));
    CHECK_FALSE(demux.add_ufrag("first", kBob));
    CHECK(demux.token_count() == 1);
    for (const char* ufrag : {"second", "third", "fourth", "fifth"}) {
        CHECK(demux.add_ufrag(ufrag, kAlice));
    }
    CHECK_FALSE(demux.find_ufrag("first"));
    CHECK(demux.find_ufrag("second") == kAlice);
    CHECK(demux.find_ufrag("fifth") == kAlice);
}

TEST_CASE("addresses of one endpoint and of the worker are bounded") {
    Demux demux;
    std::size_t taken = 0;
    for (std::uint16_t port = 1; port <= 1000; ++port) {
        taken += demux.bind(kHome.with_port(port), kAlice);
    }
    CHECK(taken == Demux::kMaxAddressesPerToken);
    CHECK(demux.bind(kAway, kBob));
    for (std::uint32_t i = 1; i <= 2000; ++i) {
        for (std::uint16_t port = 1; port <= Demux::kMaxAddressesPerToken; ++port) {
            demux.bind(Address::v4(0x0a000000 + i, port), EndpointToken{i + 100});
        }
    }
    CHECK(demux.address_count() == Demux::kMaxAddresses);
}

TEST_CASE("random bytes of every class and length have no owner and leave nothing behind") {
    Demux demux;
    CHECK(demux.add_ufrag("alice", kAlice));
    CHECK(demux.bind(kAway, kAlice));
    std::uint32_t state = 9;
    std::vector<std::uint8_t> bytes(2000);
    for (int round = 0; round < 20'000; ++round) {
        const std::size_t n = static_cast<std::size_t>(round) % 1600;
        for (std::size_t i = 0; i < std::min<std::size_t>(n, 40); ++i) {
            state = state * 1'664'525 + 1'013'904'223;
            bytes[i] = static_cast<std::uint8_t>(state >> 24);
        }
        CHECK_FALSE(demux.route(BytesView(bytes).first(n), kHome).token);
    }
    CHECK(demux.address_count() == 1);
    CHECK(demux.token_count() == 1);
}

TEST_CASE("every drop reason has a name of its own") {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < static_cast<std::size_t>(DropReason::count_); ++i) {
        names.insert(to_string(static_cast<DropReason>(i)));
    }
    CHECK(names.size() == static_cast<std::size_t>(DropReason::count_));
    CHECK_FALSE(names.contains("unknown"));
}

TEST_CASE("drop counters add up") {
    DropCounters a;
    DropCounters b;
    a.add(DropReason::srtp_auth);
    b.add(DropReason::srtp_auth, 4);
    a += b;
    CHECK(a[DropReason::srtp_auth] == 5);
    CHECK(a[DropReason::srtp_replay] == 0);
    CHECK(to_drop_reason(StunVerdict::bad_integrity) == DropReason::stun_bad_integrity);
    CHECK(to_drop_reason(StunVerdict::malformed) == DropReason::stun_malformed);
}
