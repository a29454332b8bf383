// What strangers and ill-behaved participants try, and that the others' call goes on.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <random>

#include "tests/bridge/recording_sink.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

// A socket of nobody, on any of loopback's addresses.
class Stranger {
 public:
    explicit Stranger(std::uint16_t bridge_port, std::uint32_t address = INADDR_LOOPBACK)
        : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_in from{};
        from.sin_family = AF_INET;
        from.sin_addr.s_addr = htonl(address);
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0);
        to_.sin_family = AF_INET;
        to_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to_.sin_port = htons(bridge_port);
    }
    ~Stranger() { ::close(fd_); }
    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;

    void send(BytesView datagram) {
        ::sendto(fd_, datagram.data(), datagram.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to_), sizeof to_);
    }
    bool was_answered() {
        std::uint8_t byte;
        return ::recv(fd_, &byte, 1, 0) >= 0;
    }

 private:
    int fd_;
    sockaddr_in to_{};
};

struct TwoVictims {
    Call call;
    TestClient& ann;
    TestClient& ben;

    explicit TwoVictims(const BridgeConfig& config = Call::local_config())
        : call(config),
          ann(call.join({.id = "aaaaaaaa", .first_ssrc = 1000})),
          ben(call.join({.id = "bbbbbbbb", .first_ssrc = 2000})) {}

    std::uint16_t port() { return call.bridge().media_port(); }
    // Each hears five more packets of the other.
    bool call_goes_on() {
        const auto ann_before = ann.rtp_of(ben.audio_ssrc()).size();
        const auto ben_before = ben.rtp_of(ann.audio_ssrc()).size();
        return call.until_doing(
            [&] {
                return ann.rtp_of(ben.audio_ssrc()).size() >= ann_before + 5 &&
                       ben.rtp_of(ann.audio_ssrc()).size() >= ben_before + 5;
            },
            [&] {
                ann.send_audio(10, Clock::now());
                ben.send_audio(10, Clock::now());
            },
            seconds(20));
    }
    std::uint64_t dropped(DropReason reason) {
        return call.bridge().stats().media.drops[reason];
    }
    // The worker's numbers come once a second.
    bool counts(DropReason reason, std::uint64_t at_least) {
        return call.until([&] { return dropped(reason) >= at_least; }, seconds(20));
    }
};

std::vector<std::uint8_t> random_bytes(std::mt19937& random, std::size_t size, unsigned first) {
    std::vector<std::uint8_t> bytes(size);
    for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
    if (size > 0) bytes[0] = static_cast<std::uint8_t>(first);
    return bytes;
}

// Every class of first byte (RFC 7983) with every kind of length.
template <class F>
void for_all_garbage(F&& f) {
    std::mt19937 random(1);
    for (const unsigned first : {0u, 1u, 3u, 4u, 19u, 20u, 22u, 63u, 64u, 127u, 128u, 191u, 192u, 255u}) {
        for (const std::size_t size : {0u, 1u, 2u, 3u, 4u, 11u, 12u, 13u, 19u, 20u, 24u, 60u, 500u,
                                       1'200u, 1'472u, 1'473u, 1'500u, 9'000u, 65'507u}) {
            f(random_bytes(random, size, first));
        }
    }
}

// A nominating check with the right ufrag and somebody else's password.
std::vector<std::uint8_t> forged_check(const TestClient& victim) {
    std::vector<std::uint8_t> block(300);
    StunWriter writer(block, StunClass::request, make_transaction(9));
    writer.username(victim.created().transport->ice->ufrag, "intruder");
    writer.controlling(~std::uint64_t{0});
    writer.use_candidate();
    writer.priority(0x7fff'ffff);
    const IntegrityKey key("not-the-password-of-this-endpoint");
    block.resize(writer.finish(&key));
    return block;
}

}  // namespace

TEST_CASE("random bytes of all classes and lengths from a stranger: no answer, and the call goes on") {
    TwoVictims t;
    Stranger stranger(t.port());
    for_all_garbage([&](const auto& bytes) { stranger.send(bytes); });
    CHECK(t.call_goes_on());
    CHECK(t.counts(DropReason::unknown_first_byte, 1));
    CHECK(t.counts(DropReason::unknown_address, 1));
    CHECK(t.counts(DropReason::oversize_datagram, 1));
    CHECK_FALSE(stranger.was_answered());
}

TEST_CASE("random bytes of all classes and lengths from a participant: its own call goes on too") {
    TwoVictims t;
    for_all_garbage([&](const auto& bytes) {
        t.ann.send_raw(t.ann.bridge_address(), bytes);
        t.call.step();
    });
    CHECK(t.call_goes_on());
    CHECK(t.counts(DropReason::srtp_auth, 1));
}

TEST_CASE("a nominating check with the right ufrag and the wrong password: no answer, no change") {
    TwoVictims t;
    REQUIRE(t.call_goes_on());
    Stranger stranger(t.port());
    for (int i = 0; i < 50; ++i) stranger.send(forged_check(t.ann));
    CHECK(t.counts(DropReason::stun_bad_integrity, 50));
    CHECK(t.call_goes_on());
    CHECK_FALSE(stranger.was_answered());
}

TEST_CASE("checks from ten thousand addresses: strangers are policed, and the call goes on") {
    TwoVictims t;
    REQUIRE(t.call_goes_on());
    const auto check = forged_check(t.ann);
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        Stranger stranger(t.port(), 0x7f010001 + i);
        stranger.send(check);
        if (i % 500 == 0) t.call.step();
    }
    CHECK(t.counts(DropReason::stun_bad_integrity, limits::kStrangersCheckBurst));
    CHECK(t.call_goes_on());
}

TEST_CASE("a ClientHello from an address that proved nothing is not answered") {
    TwoVictims t;
    struct Hello final : DtlsHandler {
        std::vector<std::vector<std::uint8_t>> out;
        void on_dtls_outgoing(BytesView d) override { out.emplace_back(d.begin(), d.end()); }
        void on_dtls_connected() override {}
        void on_dtls_data(BytesView) override {}
        void on_dtls_failed(std::string_view) override {}
    } hello;
    const auto certificate = Certificate::make(std::chrono::system_clock::now());
    const auto context = DtlsContext::make(*certificate);
    DtlsSession session(*context, hello);
    session.set_role(DtlsRole::client, Clock::now());
    REQUIRE_FALSE(hello.out.empty());
    Stranger stranger(t.port());
    for (const auto& datagram : hello.out) stranger.send(datagram);
    CHECK(t.counts(DropReason::unknown_address, hello.out.size()));
    CHECK_FALSE(stranger.was_answered());
    CHECK(t.call_goes_on());
    // From a participant's address it is a stray record of a session that is done: nothing ends.
    for (const auto& datagram : hello.out) t.ann.send_raw(t.ann.bridge_address(), datagram);
    CHECK(t.call_goes_on());
}

TEST_CASE("an endpoint that sends far too much is looked at no more, and the others are heard") {
    TwoVictims t;
    TestClient& cyd = t.call.join({.id = "cccccccc", .first_ssrc = 3000});
    std::mt19937 random(2);
    const auto garbage = random_bytes(random, 1'200, 0x80);
    const auto start = Clock::now();
    // More at once than a second's worth, then until what is too much has been counted.
    const bool policed = t.call.until_doing(
        [&] { return t.dropped(DropReason::endpoint_over_rate) > 0; },
        [&] {
            for (int i = 0; i < 5'000; ++i) cyd.send_raw(cyd.bridge_address(), garbage);
        },
        seconds(30));
    CHECK(policed);
    CHECK(t.call_goes_on());
    // What was decrypted in vain is bounded by the limit, however much was sent.
    const auto passed = std::chrono::duration_cast<seconds>(Clock::now() - start).count() + 1;
    CHECK(t.dropped(DropReason::srtp_auth) <=
          static_cast<std::uint64_t>(limits::kDatagramBurst + limits::kDatagramsPerSecond * passed));
}

TEST_CASE("a microphone with a thousand packets at once is heard no more than a microphone needs") {
    TwoVictims t;
    const bool policed = t.call.until_doing(
        [&] { return t.dropped(DropReason::rtp_source_over_rate) > 0; },
        [&] {
            for (int i = 0; i < 200; ++i) t.ann.send_audio(10, Clock::now());
        },
        seconds(30));
    CHECK(policed);
    // It was not cut off: it is heard again when it sends as microphones do.
    CHECK(t.call_goes_on());
}

TEST_CASE("who talks thousands of times a second is heard up to its limit, under its own name") {
    TwoVictims t;
    const auto& counters = t.call.bridge().stats().media;
    CHECK(t.call.until_doing(
        [&] { return counters.channel_messages_over_limit > 0; },
        [&] {
            for (int i = 0; i < 200; ++i) {
                t.ann.send_text(R"({"colibriClass":"EndpointMessage","to":"","from":"bbbbbbbb",)"
                                R"("msgPayload":{}})");
            }
        },
        seconds(20)));
    CHECK(t.ben.heard(R"("from":"aaaaaaaa")"));
    CHECK_FALSE(t.ben.heard(R"("from":"bbbbbbbb")"));
    CHECK(t.call_goes_on());
    // It is not cut off: when it has kept quiet for a while it is heard again.
    CHECK(t.call.until_doing([&] { return t.ben.heard("afterwards"); },
                             [&] {
                                 t.ann.send_text(R"({"colibriClass":"EndpointMessage","to":"",)"
                                                 R"("msgPayload":"afterwards"})");
                             },
                             seconds(20)));
}

TEST_CASE("wishes for too many sources, for minus two thousand million, or for nobody do nothing") {
    TwoVictims t;
    const auto wish = [](std::string_view what) {
        return R"({"colibriClass":"ReceiverVideoConstraints",)" + std::string(what) + "}";
    };
    std::string many = R"("constraints":{"s0":{"maxHeight":180})";
    for (int i = 1; i < 8'000; ++i) many += ",\"s" + std::to_string(i) + R"(":{"maxHeight":180})";
    many += "}";
    t.ann.send_text(wish(many));
    t.ann.send_text(wish(R"("lastN":-2147483648)"));
    t.ann.send_text(wish(R"("lastN":1e999)"));
    t.ann.send_text(wish(R"("selectedSources":["nobody-v0"],"onStageSources":["nobody-v0"])"));
    // And then what is right is heard as ever.
    t.ann.send_text(wish(R"("lastN":-1,"defaultConstraints":{"maxHeight":180})"));
    CHECK(t.call.until_doing(
        [&] { return t.ann.heard(R"(forwardedSources":["bbbbbbbb-v0"])"); },
        [&] { t.ben.send_video(0, TestClient::Frame::key, 300, Clock::now()); }, seconds(20)));
    CHECK_FALSE(t.ann.heard("nobody-v0"));
}

TEST_CASE("a WebSocket that talks too much does not fill the worker's queue") {
    TwoVictims t(web_socket_config());
    const ChannelUrl url(t.ann.created());
    RecordingSink sink;
    const auto channel = t.call.bridge().open_channel(url.path, url.password, sink);
    for (int i = 0; i < 10'000; ++i) {
        t.call.bridge().channel_text(channel, R"({"colibriClass":"ClientHello"})");
    }
    const auto& counters = t.call.bridge().stats().media;
    // Those that went on at all are the burst and what a slow machine gives time for.
    CHECK(t.call.until([&] { return counters.channel_messages_over_limit > 0; }, seconds(20)));
    CHECK(t.call_goes_on());
    t.call.bridge().channel_closed(channel);
}
