// What a hostile or broken network may do to a session.
#include <doctest/doctest.h>

#include <random>

#include "tests/bridge/dtls/dtls_pair.hpp"

namespace jmeet::bridge::test {
namespace {

// One fragment of a handshake message in a record of its own (RFC 6347 4.1, 4.2.2).
Datagram fragment_record(BytesView message, std::uint8_t record, std::size_t offset,
                         std::size_t size) {
    Datagram made(13 + 12 + size);
    ByteWriter out(made);
    out.u8(22);
    out.u16(0xfeff);
    out.zeros(7);
    out.u8(record);
    out.u16(static_cast<std::uint16_t>(12 + size));
    out.bytes(message.first(4));  // type and length
    out.bytes(message.subspan(4, 2));
    out.u24(static_cast<std::uint32_t>(offset));
    out.u24(static_cast<std::uint32_t>(size));
    out.bytes(message.subspan(12 + offset, size));
    REQUIRE(out.ok());
    return made;
}

// A ClientHello of exactly `size` bytes: the given one with a padding extension (RFC 7685).
Datagram padded_hello(BytesView message, std::size_t size) {
    const BytesView body = message.subspan(12);
    const std::size_t session_id = 2 + 32;
    const std::size_t cookie = session_id + 1 + body[session_id];
    const std::size_t ciphers = cookie + 1 + body[cookie];
    const std::size_t compression = ciphers + 2 + load_be16(&body[ciphers]);
    const std::size_t extensions = compression + 1 + body[compression];
    const std::size_t padding = size - body.size() - 4;
    Datagram made(12 + size);
    ByteWriter out(made);
    out.u8(1);
    out.u24(static_cast<std::uint32_t>(size));
    out.u16(0);
    out.u24(0);
    out.u24(static_cast<std::uint32_t>(size));
    out.bytes(body.first(extensions));
    out.u16(static_cast<std::uint16_t>(load_be16(&body[extensions]) + 4 + padding));
    out.bytes(body.subspan(extensions + 2));
    out.u16(21);
    out.u16(static_cast<std::uint16_t>(padding));
    out.zeros(padding);
    REQUIRE(out.ok());
    return made;
}

Datagram client_hello(Peer& client) {
    client.session.set_role(DtlsRole::client, simulated_now());
    REQUIRE(client.out.size() == 1);
    Datagram hello = client.out.front();
    client.out.pop_front();
    return hello;
}

}  // namespace

TEST_CASE("a ClientHello in two fragments, in either order, leads to a connection") {
    for (const bool swapped : {false, true}) {
        CAPTURE(swapped);
        Pair pair;
        pair.trust_each_other();
        const Datagram hello = client_hello(pair.client);
        const BytesView message = BytesView(hello).subspan(13);
        const std::size_t body = message.size() - 12;
        const Datagram first = fragment_record(message, 0, 0, body - 60);
        const Datagram second = fragment_record(message, 1, body - 60, 60);
        pair.server.session.on_datagram(swapped ? second : first, simulated_now());
        CHECK(pair.server.out.empty());
        pair.server.session.on_datagram(swapped ? first : second, simulated_now());
        CHECK_FALSE(pair.server.out.empty());
        pair.run([&] { return pair.both_connected(); });
        CHECK(pair.both_connected());
    }
}

TEST_CASE("a browser's hello of 1,413 bytes in datagrams of 1,200 and 263 is answered") {
    Pair pair;
    const Datagram hello = client_hello(pair.client);
    const Datagram big = padded_hello(BytesView(hello).subspan(13), 1413);
    const Datagram first = fragment_record(big, 0, 0, 1175);
    const Datagram second = fragment_record(big, 1, 1175, 238);
    CHECK(first.size() == 1200);
    CHECK(second.size() == 263);
    // The client repeats both until it is answered.
    pair.server.session.on_datagram(first, simulated_now());
    pair.server.session.on_datagram(second, simulated_now());
    pair.server.session.on_datagram(first, simulated_now());
    pair.server.session.on_datagram(second, simulated_now());
    REQUIRE_FALSE(pair.server.out.empty());
    CHECK(pair.server.out.front()[13] == 2);  // server_hello, not hello_verify_request
}

TEST_CASE("what is not DTLS is dropped before OpenSSL sees it") {
    Peer server(context(1));
    const Datagram short_one(12, 22);
    const Datagram rtp(100, 0x80);
    Datagram long_one(DtlsSession::kMaxDatagram + 1, 0);
    long_one[0] = 22;
    long_one[1] = 0xfe;
    Datagram lying{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 1};
    for (const Datagram& datagram : {Datagram{}, short_one, rtp, long_one, lying}) {
        server.session.on_datagram(datagram, simulated_now());
    }
    CHECK(server.session.counters().malformed == 5);
    CHECK(server.session.state() == DtlsState::fresh);
    CHECK(server.out.empty());
}

TEST_CASE("bits flipped under way do not end an established session") {
    Pair pair;
    pair.trust_each_other();
    pair.start();
    pair.run([&] { return pair.both_connected(); });
    std::mt19937 random(7);
    for (int i = 0; i < 500; ++i) {
        REQUIRE(pair.client.session.send(bytes_of("payload")));
        Datagram datagram = pair.client.out.front();
        pair.client.out.clear();
        datagram[random() % datagram.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        pair.server.session.on_datagram(datagram, simulated_now());
    }
    // A flipped bit in the version or a length may still leave a record that authenticates never.
    for (const auto& text : pair.server.received) CHECK(text == "payload");
    pair.server.received.clear();
    CHECK(pair.client.session.send(bytes_of("still here")));
    pair.exchange();
    REQUIRE(pair.server.received.size() == 1);
    CHECK(pair.server.received[0] == "still here");
    CHECK(pair.server.failed == 0);
}

TEST_CASE("a forged plaintext alert does not end an established session") {
    Pair pair;
    pair.trust_each_other();
    pair.start();
    pair.run([&] { return pair.both_connected(); });
    const Datagram alert{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40};
    pair.server.session.on_datagram(alert, simulated_now());
    CHECK_FALSE(pair.server.session.peer_closed());
    CHECK(pair.client.session.send(bytes_of("still here")));
    pair.exchange();
    CHECK(pair.server.received.size() == 1);
}

TEST_CASE("a ClientHello of nonsense costs an attempt, and the real one still gets through") {
    Pair pair;
    pair.trust_each_other();
    const Datagram hello = client_hello(pair.client);
    Datagram nonsense = hello;
    for (std::size_t i = 13 + 12 + 34; i < nonsense.size(); ++i) nonsense[i] = 0xff;
    pair.server.session.on_datagram(nonsense, simulated_now());
    CHECK(pair.server.session.counters().restarts == 1);
    CHECK(pair.server.session.state() == DtlsState::handshaking);
    pair.server.out.clear();
    pair.server.session.on_datagram(hello, simulated_now());
    pair.run([&] { return pair.both_connected(); });
    CHECK(pair.both_connected());
}

TEST_CASE("a peer that only talks nonsense is given up") {
    Peer server(context(1));
    Pair source;
    Datagram nonsense = client_hello(source.client);
    for (std::size_t i = 13 + 12 + 34; i < nonsense.size(); ++i) nonsense[i] = 0xff;
    for (int i = 0; i <= DtlsSession::kMaxRestarts; ++i) {
        CHECK(server.failed == 0);
        server.session.on_datagram(nonsense, simulated_now());
    }
    CHECK(server.failed == 1);
    CHECK(server.session.state() == DtlsState::failed);
}

TEST_CASE("random bytes behind a DTLS header never crash a session in any state") {
    std::mt19937 random(11);
    for (int round = 0; round < 200; ++round) {
        Pair pair;
        pair.trust_each_other();
        if (round % 3 == 0) pair.start();
        if (round % 3 == 1) {
            pair.start();
            pair.run([&] { return pair.both_connected(); });
        }
        for (int i = 0; i < 20; ++i) {
            Datagram datagram(13 + random() % 200);
            for (auto& byte : datagram) byte = static_cast<std::uint8_t>(random());
            datagram[0] = static_cast<std::uint8_t>(20 + random() % 4);
            datagram[1] = 0xfe;
            datagram[2] = random() % 2 ? 0xfd : 0xff;
            store_be16(&datagram[3], static_cast<std::uint16_t>(random() % 2));
            store_be16(&datagram[11], static_cast<std::uint16_t>(datagram.size() - 13));
            if (datagram.size() > 13 && random() % 2) datagram[13] = 1;
            pair.server.session.on_datagram(datagram, simulated_now());
            pair.client.session.on_datagram(datagram, simulated_now());
        }
        if (round % 3 == 1) CHECK(pair.both_connected());
        if (round % 3 == 1) CHECK(pair.server.session.srtp_keys());
    }
}

TEST_CASE("a replayed ClientHello, and a replayed whole handshake, change nothing") {
    Pair pair;
    pair.trust_each_other();
    std::vector<Datagram> said;
    pair.fate = [&](Datagram& datagram) {
        said.push_back(datagram);
        return 1;
    };
    pair.start();
    pair.run([&] { return pair.both_connected(); });
    REQUIRE(pair.both_connected());
    const auto keys = pair.server.session.srtp_keys();
    for (const Datagram& datagram : said) {
        pair.server.session.on_datagram(datagram, simulated_now());
        pair.client.session.on_datagram(datagram, simulated_now());
    }
    pair.server.out.clear();
    pair.client.out.clear();
    CHECK(pair.server.session.state() == DtlsState::connected);
    CHECK(pair.server.session.srtp_keys()->local == keys->local);
    pair.client.session.send(bytes_of("still here"));
    pair.exchange();
    CHECK(pair.server.received == std::vector<std::string>{"still here"});
}

}  // namespace jmeet::bridge::test
