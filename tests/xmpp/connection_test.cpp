// The parts of a connection that need no server, and servers that misbehave.
#include "xmpp/connection.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/xmpp/private_prosody.hpp"
#include "tests/xmpp/run_coroutine.hpp"
#include "xmpp/back_off.hpp"
#include "xmpp/client.hpp"
#include "xmpp/connection_failure.hpp"
#include "xmpp/handshake_watch.hpp"
#include "xmpp/low_descriptors.hpp"
#include "xmpp/namespaces.hpp"

using namespace jmeet;
using namespace jmeet::xmpp;
using jmeet::test::eventually;
using jmeet::test::run_coroutine;

namespace {

const log::Logger kLog(log::Program::bridge, "Test");

ConnectionConfig config_to(std::uint16_t port, const std::string& user = "jvb") {
    ConnectionConfig config;
    config.jid = Jid(user, "auth.meet.test");
    config.password = user + "-secret";
    config.host = "127.0.0.1";
    config.port = port;
    config.verify_certificate = false;
    return config;
}

// A listening socket whose clients get these bytes and then nothing.
struct MuteServer {
    asio::ip::tcp::acceptor acceptor;
    std::vector<asio::ip::tcp::socket> clients;
    explicit MuteServer(asio::io_context& io)
        : acceptor(io, {asio::ip::address_v4::loopback(), 0}) {}
    static awaitable<void> serve(MuteServer* self, std::string first, std::string second) {
        for (;;) {
            error_code failed;
            auto socket = co_await self->acceptor.async_accept(
                asio::redirect_error(asio::use_awaitable, failed));
            if (failed) co_return;
            char buffer[2000];
            co_await socket.async_read_some(asio::buffer(buffer),
                                            asio::redirect_error(asio::use_awaitable, failed));
            co_await socket.async_write_some(asio::buffer(first),
                                             asio::redirect_error(asio::use_awaitable, failed));
            co_await socket.async_read_some(asio::buffer(buffer),
                                            asio::redirect_error(asio::use_awaitable, failed));
            co_await socket.async_write_some(asio::buffer(second),
                                             asio::redirect_error(asio::use_awaitable, failed));
            self->clients.push_back(std::move(socket));
        }
    }
    std::uint16_t port() const { return acceptor.local_endpoint().port(); }
};

constexpr char kStreamHead[] =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='1' from='auth.meet.test' version='1.0'>";
constexpr char kTlsFeatures[] =
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>";

}  // namespace

TEST_CASE("pauses grow from the first to the longest, spread by chance") {
    BackOff pause(std::chrono::milliseconds(1000), std::chrono::milliseconds(30'000));
    CHECK(pause.untouched());
    CHECK(pause.next(1.0) == std::chrono::milliseconds(1000));
    CHECK(!pause.untouched());
    CHECK(pause.next(0.0) == std::chrono::milliseconds(1000));
    CHECK(pause.next(0.5) == std::chrono::milliseconds(3000));
    for (int i = 0; i < 10; ++i) pause.next(0.3);
    CHECK(pause.next(1.0) == std::chrono::milliseconds(30'000));
    CHECK(pause.next(7.0) == std::chrono::milliseconds(30'000));
    CHECK(pause.next(-1.0) == std::chrono::milliseconds(15'000));
    pause.reset();
    CHECK(pause.next(1.0) == std::chrono::milliseconds(1000));
}

TEST_CASE("libstrophe's log lines become reasons") {
    ConnectionFailure failure;
    SessionNotes notes;
    const auto say = [&](std::string_view line, bool error = false) {
        notice_log_line(line, error, failure, notes);
    };
    say("RECV: <failure xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"><text>no</text>"
        "<account-disabled/></failure>");
    say("SASL SCRAM-SHA-256 auth failed");
    say("RECV: <failure xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"><not-authorized/></failure>");
    say("SASL PLAIN auth failed");
    say("Cannot authenticate with known methods", true);
    ConnectionConfig config = config_to(5222);
    config.user_option = "U";
    config.password_option = "P";
    CHECK(explain(config, failure) ==
          "SASLError using SCRAM-SHA-256: account-disabled: check U / P");

    failure = {};
    say("connection failed, error 113");
    CHECK(explain(config, failure) ==
          "cannot connect to the XMPP server at 127.0.0.1:5222: No route to host: a firewall may "
          "drop it, or host is wrong");
    failure = {};
    say("Connection attempt timed out.");
    CHECK(explain(config, failure).find("Connection timed out") != std::string::npos);
    failure = {};
    say("TLS is not supported, but set as mandatory for this connection", true);
    CHECK(explain(config, failure) ==
          "the XMPP server at 127.0.0.1:5222 offers no TLS: give it a certificate for "
          "\"auth.meet.test\", or allow an unencrypted login with tls");
    failure = {};
    failure.stream_error = "conflict";
    CHECK(explain(config, failure) ==
          "another program logged in as jvb@auth.meet.test and took its place: run only one with "
          "this account and resource");

    say("RECV: <enabled id=\"x\" xmlns=\"urn:xmpp:sm:3\" max=\"15\" resume=\"true\"/>");
    CHECK(notes.can_resume);
    CHECK(notes.sm_answered);
    CHECK(!notes.sm_refused);
    say("RECV: <failed xmlns=\"urn:xmpp:sm:3\"><item-not-found/></failed>");
    CHECK(notes.resume_refused);
    CHECK(notes.sm_refused);
    CHECK(!notes.can_resume);
    say("RECV: not even <xml");
}

TEST_CASE("low descriptors are held and given back") {
    LowDescriptors low;
    CHECK(low.held() == LowDescriptors::kKept);
    low.release();
    CHECK(low.held() == 0);
    low.refill();
    CHECK(low.held() == LowDescriptors::kKept);
}

TEST_CASE("the handshake watch cuts a socket in time, and only while armed") {
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    HandshakeWatch watch;
    watch.arm(pair[0], std::chrono::milliseconds(20));
    watch.disarm();
    ::usleep(60'000);
    CHECK(::send(pair[0], "x", 1, MSG_NOSIGNAL) == 1);
    watch.arm(pair[0], std::chrono::milliseconds(20));
    ::usleep(100'000);
    CHECK(::send(pair[0], "x", 1, MSG_NOSIGNAL) == -1);
    ::close(pair[0]);
    ::close(pair[1]);
}

TEST_CASE("a server that accepts STARTTLS and then is silent holds nobody for long") {
    asio::io_context io;
    MuteServer server(io);
    asio::co_spawn(io,
                   MuteServer::serve(&server, std::string(kStreamHead) + kTlsFeatures,
                                     "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                   asio::detached);
    Connection connection(io, config_to(server.port()), kLog);
    connection.start();
    const auto started = std::chrono::steady_clock::now();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return !connection.last_error().empty(); }));
        CHECK(connection.last_error() ==
              "the TLS handshake with the XMPP server at 127.0.0.1:" +
                  std::to_string(server.port()) + " failed: check its certificate and its TLS "
                  "versions");
        CHECK(std::chrono::steady_clock::now() - started < kHandshakeLimit * 2);
        server.acceptor.close();
        server.clients.clear();
        co_await connection.stop();
    }());
}

TEST_CASE("a certificate of a trusted issuer is accepted") {
    test::PrivateProsody prosody;
    asio::io_context io;
    auto config = config_to(prosody.port());
    config.verify_certificate = true;
    config.ca_file = prosody.certificate();
    Connection connection(io, config, kLog);
    connection.start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return connection.connected(); }));
        CHECK(connection.last_error() == "");
        co_await connection.stop();
    }());
}

TEST_CASE("a server without TLS is refused unless that is allowed") {
    test::ProsodyOptions options;
    options.require_encryption = false;
    options.global_config =
        "modules_disabled = { \"s2s\", \"tls\" }\nallow_unencrypted_plain_auth = true";
    test::PrivateProsody prosody(options);
    asio::io_context io;
    Connection refused(io, config_to(prosody.port()), kLog);
    auto config = config_to(prosody.port());
    config.tls = TlsPolicy::if_possible;
    Connection allowed(io, config, kLog);
    refused.start();
    allowed.start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return allowed.connected(); }));
        CHECK(co_await eventually([&] { return !refused.last_error().empty(); }));
        CHECK(refused.last_error() ==
              "the XMPP server at 127.0.0.1:" + std::to_string(prosody.port()) + " offers no TLS: "
              "give it a certificate for \"auth.meet.test\", or allow an unencrypted login with "
              "tls");
        co_await refused.stop();
        co_await allowed.stop();
    }());
}

TEST_CASE("large, odd and deep stanzas pass or are dropped, the stream lives on") {
    test::PrivateProsody prosody;
    asio::io_context io;
    auto a_config = config_to(prosody.port(), "focus");
    Connection a(io, a_config, kLog);
    Connection b(io, config_to(prosody.port(), "jvb"), kLog);
    std::vector<Element> heard;
    std::vector<Element> answers;
    const auto hear_b = b.on_stanza().add([&](const Element& e) { heard.push_back(e); });
    const auto hear_a = a.on_stanza().add([&](const Element& e) { answers.push_back(e); });
    a.start();
    b.start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return a.connected() && b.connected(); }));
        const auto message = [&](Element payload) {
            Element m("message", ns::kClient);
            m.set("to", b.jid().to_string());
            m.add(std::move(payload));
            return m;
        };
        std::string text;
        for (int i = 0; i < 5'000; ++i) text += "\"<&>'\xf0\x9f\x98\x80";
        Element body("json-message", "http://jitsi.org/jitmeet");
        body.set_text(text).set("attribute", "a'b\"c<d>&");
        body.set("lang", "de");
        CHECK(a.send(message(body)));
        CHECK(co_await eventually([&] { return heard.size() == 1; }));
        REQUIRE(heard[0].child("json-message"));
        CHECK(heard[0].child_text("json-message") == text);
        CHECK(heard[0].child("json-message")->get("attribute") == "a'b\"c<d>&");
        CHECK(heard[0].child("json-message")->get("lang") == "de");

        // 30 levels pass, 5,000 do not; a request of that kind is told so.
        const auto deep = [](int levels) {
            Element e("deep", "urn:test");
            for (int i = 1; i < levels; ++i) e = Element("deep", "urn:test").with(std::move(e));
            return e;
        };
        // Far beyond kMaxStanzaDepth; deeper ones would need more stack to write under sanitizers.
        CHECK(a.send(message(deep(30))));
        CHECK(a.send(message(deep(1'000))));
        Element iq = make_iq("get", b.jid().to_string(), deep(1'000));
        iq.set("id", "deep");
        CHECK(a.send(iq));
        CHECK(a.send(message(Element("last", "urn:test"))));
        CHECK(co_await eventually([&] { return heard.size() == 3; }));
        CHECK(heard[2].child("last"));
        CHECK(co_await eventually([&] { return !answers.empty(); }));
        CHECK(answers.back().get("type") == "error");
        CHECK(parse_stanza_error(answers.back()).condition == "policy-violation");
        CHECK(b.connected());
        // Many small ones, in order.
        heard.clear();
        for (int i = 0; i < 3'000; ++i) {
            Element n("n", "urn:test");
            n.set_text(std::to_string(i));
            REQUIRE(a.send(message(n)));
        }
        CHECK(co_await eventually([&] { return heard.size() == 3'000; }));
        bool ordered = true;
        for (std::size_t i = 0; i < heard.size(); ++i) {
            ordered = ordered && heard[i].child_text("n") == std::to_string(i);
        }
        CHECK(ordered);
        co_await a.stop();
        co_await b.stop();
    }());
}

TEST_CASE("a reconnect with two thousand open descriptors") {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 3'000) {
        const rlimit more{std::min<rlim_t>(limit.rlim_max, 4'096), limit.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &more);
    }
    test::PrivateProsody prosody;
    asio::io_context io;
    auto config = config_to(prosody.port());
    config.stream_management = false;
    Connection connection(io, config, kLog);
    connection.start();
    std::vector<int> taken;
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return connection.connected(); }));
        for (int i = 0; i < 2'000; ++i) taken.push_back(::dup(0));
        REQUIRE(taken.back() > FD_SETSIZE);
        for (int round = 0; round < 3; ++round) {
            connection.reconnect("the test asks for it");
            CHECK(co_await eventually([&] { return !connection.connected(); }));
            CHECK(co_await eventually([&] { return connection.connected(); }));
        }
        co_await connection.stop();
    }());
    for (const int fd : taken) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_CASE("a connection may go at any moment") {
    test::PrivateProsody prosody;
    asio::io_context io;
    for (int i = 0; i < 12; ++i) {
        Connection connection(io, config_to(prosody.port()), kLog);
        connection.start();
        io.restart();
        io.run_for(std::chrono::milliseconds(25 * i));
    }
    io.restart();
    io.run_for(std::chrono::milliseconds(1'500));
    auto connection = std::make_unique<Connection>(io, config_to(prosody.port()), kLog);
    const auto listening = connection->on_state().add([&](const ConnectionEvent& e) {
        if (e.state == ConnectionState::connected) connection.reset();
    });
    connection->start();
    run_coroutine(io, [&]() -> awaitable<void> {
        CHECK(co_await eventually([&] { return connection == nullptr; }));
        co_await sleep_for(std::chrono::milliseconds(200));
    }());
}

TEST_CASE("listeners may come and go while they are told") {
    Listeners<int> listeners;
    std::vector<int> heard;
    Subscription first;
    Subscription second;
    first = listeners.add([&](int n) {
        heard.push_back(n);
        first.reset();
        second = listeners.add([&](int m) { heard.push_back(m + 100); });
    });
    listeners.emit(1);
    listeners.emit(2);
    CHECK(heard == std::vector<int>{1, 101, 102});
    second.reset();
    listeners.emit(3);
    CHECK(heard.size() == 3);
    CHECK(listeners.size() == 0);
}
