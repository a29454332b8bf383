// WebSockets whose other side does not do its part.
#include <boost/asio/read.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <doctest/doctest.h>

#include "base/http_server.hpp"

using namespace jmeet;
namespace beast = boost::beast;

namespace {

constexpr auto use_result = asio::as_tuple(asio::use_awaitable);
using Stream = beast::websocket::stream<asio::ip::tcp::socket>;

struct Seen {
    int heard = 0;
    bool ended = false;
};

// Answers the first message with more than a slow reader may owe; notes how it ends.
awaitable<void> talk_too_much(Seen& seen, WebSocket& socket) {
    while (auto text = co_await socket.receive()) {
        ++seen.heard;
        for (int i = 0; i < 40; ++i) socket.send(std::string(64 * 1024, 'x'));
    }
    seen.ended = true;
}

// The client's part runs against that server.
template <class Client>
void with_talker(Seen& seen, Client client) {
    asio::io_context io;
    HttpServer server(io.get_executor());
    server.web_socket("/ws", {[](const HttpRequest&) { return 101; },
                              [&seen](HttpRequest, WebSocket& socket) {
                                  return talk_too_much(seen, socket);
                              }});
    const auto port = server.listen("127.0.0.1", 0);
    REQUIRE(port.has_value());
    std::exception_ptr failure;
    asio::co_spawn(
        io,
        [](HttpServer& s, std::uint16_t p, Client c) -> awaitable<void> {
            Stream socket(co_await asio::this_coro::executor);
            co_await socket.next_layer().async_connect({asio::ip::address_v4::loopback(), p},
                                                       asio::use_awaitable);
            co_await socket.async_handshake("x", "/ws", asio::use_awaitable);
            co_await c(socket);
            co_await s.stop();
        }(server, *port, client),
        [&](std::exception_ptr e) { failure = e; });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

TEST_CASE("a reader that owes more than a mebibyte is cut off, not waited for") {
    Seen seen;
    with_talker(seen, [](Stream& socket) -> awaitable<void> {
        co_await socket.async_write(asio::buffer(std::string("go")), asio::use_awaitable);
        // Reads nothing of the WebSocket, only waits for the end of the connection.
        std::string raw;
        co_await asio::async_read(socket.next_layer(), asio::dynamic_buffer(raw), use_result);
        CHECK(raw.size() < 2 * 1024 * 1024);
    });
    CHECK(seen.heard == 1);
    CHECK(seen.ended);
}

TEST_CASE("a message in fragments without end ends the connection") {
    Seen seen;
    with_talker(seen, [](Stream& socket) -> awaitable<void> {
        const std::string part(32 * 1024, 'a');
        for (int i = 0; i < 16; ++i) {
            const auto [failed, size] =
                co_await socket.async_write_some(false, asio::buffer(part), use_result);
            if (failed) break;
        }
        beast::flat_buffer buffer;
        const auto [failed, size] = co_await socket.async_read(buffer, use_result);
        CHECK(failed);
    });
    CHECK(seen.heard == 0);
    CHECK(seen.ended);
}
