#include "bridge/dtls/session.hpp"

#include <doctest/doctest.h>

#include <random>

#include "tests/bridge/dtls/dtls_pair.hpp"

namespace jmeet::bridge::test {

TEST_CASE("client and server agree on GCM and on each other's keys") {
    Pair pair;
    pair.trust_each_other();
    CHECK_FALSE(pair.client.session.srtp_keys());
    pair.start();
    pair.run([&] { return pair.both_connected(); });
    REQUIRE(pair.both_connected());
    CHECK(pair.server.session.role() == DtlsRole::server);
    const auto client = pair.client.session.srtp_keys();
    const auto server = pair.server.session.srtp_keys();
    REQUIRE(client);
    REQUIRE(server);
    CHECK(client->profile == SrtpProfile::aead_aes_128_gcm);
    CHECK(client->local == server->remote);
    CHECK(client->remote == server->local);
    CHECK(client->local != client->remote);
    CHECK_FALSE(pair.client.session.next_deadline());
    CHECK_FALSE(pair.server.session.next_deadline());
    CHECK(pair.client.largest <= DtlsSession::kMtu);
    CHECK(pair.server.largest <= DtlsSession::kMtu);
}

TEST_CASE("application data passes both ways, each piece as it was sent") {
    Pair pair;
    pair.trust_each_other();
    CHECK_FALSE(pair.client.session.send(bytes_of("too early")));
    pair.start();
    pair.run([&] { return pair.both_connected(); });
    CHECK(pair.client.session.send(bytes_of("one")));
    CHECK(pair.client.session.send(bytes_of(std::string(DtlsSession::kMaxSend, 'x'))));
    CHECK_FALSE(pair.client.session.send(bytes_of(std::string(DtlsSession::kMaxSend + 1, 'x'))));
    CHECK(pair.server.session.send(bytes_of("two")));
    pair.exchange();
    REQUIRE(pair.server.received.size() == 2);
    CHECK(pair.server.received[0] == "one");
    CHECK(pair.server.received[1] == std::string(DtlsSession::kMaxSend, 'x'));
    REQUIRE(pair.client.received.size() == 1);
    CHECK(pair.client.received[0] == "two");
}

TEST_CASE("the handshake survives loss, repetition and reordering") {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Pair pair;
        pair.trust_each_other();
        pair.newest_first = seed % 2 == 0;
        pair.fate = [&random](Datagram&) {
            const unsigned dice = random() % 10;
            return dice < 3 ? 0 : dice < 5 ? 2 : 1;
        };
        const TimePoint started = simulated_now();
        pair.start();
        pair.run([&] { return pair.both_connected(); });
        CHECK(pair.both_connected());
        CHECK(simulated_now() - started < DtlsSession::kHandshakeTimeout);
        CHECK(pair.client.session.srtp_keys()->local == pair.server.session.srtp_keys()->remote);
    }
}

TEST_CASE("the server's last flight is sent again when it was lost") {
    Pair pair;
    pair.trust_each_other();
    bool lost = false;
    pair.fate = [&](Datagram&) {
        // The first datagram after the server is through is its ChangeCipherSpec and Finished.
        if (pair.server.connected == 1 && !lost) {
            lost = true;
            return 0;
        }
        return 1;
    };
    pair.start();
    pair.run([&] { return pair.both_connected(); });
    CHECK(lost);
    CHECK(pair.both_connected());
}

TEST_CASE("a wrong fingerprint fails the session and gives no keys") {
    for (const bool early : {true, false}) {
        CAPTURE(early);
        Pair pair;
        pair.client.session.set_remote_fingerprints({pair.server.session.local_fingerprint()});
        const Fingerprint wrong = pair.server.session.local_fingerprint();
        if (early) pair.server.session.set_remote_fingerprints({wrong});
        pair.start();
        pair.run([&] { return pair.client.connected == 1 && pair.server.session.state() >=
                                                                DtlsState::awaiting_fingerprint; });
        if (!early) pair.server.session.set_remote_fingerprints({wrong});
        CHECK(pair.server.session.state() == DtlsState::failed);
        CHECK(pair.server.failed == 1);
        CHECK(pair.server.connected == 0);
        CHECK_FALSE(pair.server.session.srtp_keys());
        CHECK_FALSE(pair.server.session.send(bytes_of("no")));
        pair.client.session.send(bytes_of("hello"));
        pair.exchange();
        CHECK(pair.server.received.empty());
        // The right one afterwards does not raise the dead.
        pair.server.session.set_remote_fingerprints({pair.client.session.local_fingerprint()});
        CHECK(pair.server.session.state() == DtlsState::failed);
        CHECK(pair.server.failed == 1);
    }
}

TEST_CASE("fingerprints without any accepted hash fail the session") {
    Pair pair;
    pair.server.session.set_remote_fingerprints({{"md5", "00:11"}});
    pair.start();
    pair.run([&] { return pair.server.failed == 1; });
    CHECK(pair.server.failed == 1);
    CHECK(pair.server.why.find("sha-256") != std::string::npos);
}

TEST_CASE("the handshake may finish before the fingerprint is known; data waits for it") {
    Pair pair;
    pair.client.session.set_remote_fingerprints({pair.server.session.local_fingerprint()});
    pair.start();
    pair.run([&] { return pair.client.connected == 1; });
    CHECK(pair.server.session.state() == DtlsState::awaiting_fingerprint);
    CHECK_FALSE(pair.server.session.srtp_keys());
    CHECK_FALSE(pair.server.session.send(bytes_of("too early")));
    CHECK_FALSE(pair.server.session.next_deadline());
    for (std::size_t i = 0; i < DtlsSession::kMaxEarlyData + 3; ++i) {
        CHECK(pair.client.session.send(bytes_of("INIT " + std::to_string(i))));
    }
    pair.exchange();
    CHECK(pair.server.received.empty());
    CHECK(pair.server.session.counters().early_dropped == 3);

    pair.server.session.set_remote_fingerprints({});
    CHECK(pair.server.session.state() == DtlsState::awaiting_fingerprint);
    pair.server.session.set_remote_fingerprints({pair.client.session.local_fingerprint()});
    CHECK(pair.server.connected == 1);
    REQUIRE(pair.server.received.size() == DtlsSession::kMaxEarlyData);
    CHECK(pair.server.received.front() == "INIT 0");
    CHECK(pair.server.session.srtp_keys()->remote == pair.client.session.srtp_keys()->local);
}

TEST_CASE("a handshake that nobody answers fails after 30 s") {
    Peer client(context(0));
    const TimePoint started = simulated_now();
    client.session.set_role(DtlsRole::client, simulated_now());
    while (client.failed == 0) {
        REQUIRE(client.session.next_deadline());
        if (*client.session.next_deadline() > simulated_now()) {
            pass_time(*client.session.next_deadline() - simulated_now());
        }
        client.session.on_timer(simulated_now());
        REQUIRE(simulated_now() - started < seconds(60));
    }
    CHECK(simulated_now() - started == DtlsSession::kHandshakeTimeout);
    CHECK(client.session.state() == DtlsState::failed);
    CHECK_FALSE(client.session.next_deadline());
}

TEST_CASE("close_notify ends application data, not the keys") {
    Pair pair;
    pair.trust_each_other();
    pair.start();
    pair.run([&] { return pair.both_connected(); });
    pair.client.session.close();
    pair.exchange();
    CHECK(pair.server.session.peer_closed());
    CHECK(pair.server.session.state() == DtlsState::connected);
    CHECK(pair.server.session.srtp_keys());
    CHECK_FALSE(pair.server.session.send(bytes_of("anyone?")));
    CHECK_FALSE(pair.client.session.send(bytes_of("anyone?")));
    CHECK(pair.server.failed == 0);
    CHECK(pair.client.session.peer_closed());  // it was answered
}

}  // namespace jmeet::bridge::test

namespace jmeet::bridge::test {

TEST_CASE("with every second datagram lost a handshake completes or ends in thirty seconds") {
    int completed = 0;
    for (unsigned seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Pair pair;
        pair.trust_each_other();
        pair.fate = [&random](Datagram&) { return random() % 2 == 0 ? 0 : 1; };
        const TimePoint started = simulated_now();
        pair.start();
        const auto settled = [](const Peer& p) { return p.connected + p.failed == 1; };
        pair.run([&] { return settled(pair.client) && settled(pair.server); });
        completed += pair.both_connected() ? 1 : 0;
        CHECK(settled(pair.client));
        // A server that never heard a whole flight has begun nothing, or gives up as well.
        CHECK((settled(pair.server) || pair.server.session.state() == DtlsState::fresh));
        CHECK(simulated_now() - started <= DtlsSession::kHandshakeTimeout + seconds(4));
        // Nothing is left to be done.
        if (settled(pair.server)) CHECK_FALSE(pair.server.session.next_deadline());
    }
    CHECK(completed >= 30);
}

TEST_CASE("a handshake that stalls after any flight times out and leaves no timer") {
    // Which datagram is the last one to arrive, from the first on.
    for (int last = 0; last < 12; ++last) {
        CAPTURE(last);
        Pair pair;
        pair.trust_each_other();
        int arrived = 0;
        pair.fate = [&](Datagram&) { return arrived++ < last ? 1 : 0; };
        pair.start();
        pair.run([&] { return pair.both_connected(); });
        if (pair.both_connected()) continue;  // that was all it needs
        for (Peer* peer : {&pair.client, &pair.server}) {
            const bool begun = peer->session.state() != DtlsState::fresh;
            CHECK((!begun || peer->connected + peer->failed == 1));
            CHECK_FALSE(peer->session.next_deadline());
            CHECK(peer->session.srtp_keys().has_value() == (peer->connected == 1));
        }
    }
}

}  // namespace jmeet::bridge::test
