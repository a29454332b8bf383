#include "base/http_server.hpp"

#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include "tests/base/exchange.hpp"

using namespace jmeet;
using jmeet::testing::exchange;
namespace beast = boost::beast;

namespace {

constexpr auto use_result = asio::as_tuple(asio::use_awaitable);

std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
}

// Runs one coroutine against a server with some routes, then stops the server.
template <class Test>
void with_server(Test test, HttpLimits limits = {}) {
    asio::io_context io;
    HttpServer server(io.get_executor(), limits);
    server.route("GET", "/hello", [](HttpRequest r) -> awaitable<HttpResponse> {
        co_return HttpResponse::text("hello " + r.parameter("name"));
    });
    server.route("POST", "/echo", [](HttpRequest r) -> awaitable<HttpResponse> {
        co_return HttpResponse::json(r.body);
    });
    server.route("GET", "/tree/*", [](HttpRequest r) -> awaitable<HttpResponse> {
        co_return HttpResponse::text(r.path);
    });
    server.web_socket("/ws/*",
                      {[](const HttpRequest& r) { return r.path == "/ws/no" ? 403 : 101; },
                       [](HttpRequest, WebSocket& socket) -> awaitable<void> {
                           while (auto text = co_await socket.receive()) socket.send("re: " + *text);
                       }});
    const auto port = server.listen("127.0.0.1", 0);
    REQUIRE(port.has_value());
    std::exception_ptr failure;
    asio::co_spawn(
        io,
        [](HttpServer& s, std::uint16_t p, Test t) -> awaitable<void> {
            co_await t(p);
            co_await s.stop();
        }(server, *port, test),
        [&](std::exception_ptr e) { failure = e; });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

TEST_CASE("routes answer by method and path") {
    with_server([](std::uint16_t port) -> awaitable<void> {
        CHECK((co_await exchange(port, get("/hello?name=a%20b"))).ends_with("hello a b"));
        CHECK((co_await exchange(port, get("/tree/a/b"))).ends_with("/tree/a/b"));
        CHECK((co_await exchange(port, get("/none"))).starts_with("HTTP/1.1 404"));
        CHECK((co_await exchange(port, get("/echo"))).starts_with("HTTP/1.1 405"));
    });
}

TEST_CASE("what cannot be read is refused and harms nobody") {
    with_server([](std::uint16_t port) -> awaitable<void> {
        CHECK((co_await exchange(port, "nonsense\r\n\r\n")).starts_with("HTTP/1.1 400"));
        CHECK((co_await exchange(port, "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n"))
                  .starts_with("HTTP/1.1 431"));
        CHECK((co_await exchange(port, "POST /echo HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n"))
                  .starts_with("HTTP/1.1 413"));
        CHECK((co_await exchange(port, get("/hello"))).starts_with("HTTP/1.1 200"));
    });
}

TEST_CASE("bodies are bounded whatever way their length is told, and only one way is taken") {
    with_server([](std::uint16_t port) -> awaitable<void> {
        const std::string post = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
        const std::string chunked = post + "Transfer-Encoding: chunked\r\n";
        CHECK((co_await exchange(port, chunked + "\r\n2\r\nhi\r\n0\r\n\r\n"))
                  .ends_with("\r\n\r\nhi"));
        CHECK((co_await exchange(port, chunked + "\r\n7fffffff\r\n")).starts_with("HTTP/1.1 413"));
        CHECK((co_await exchange(port, chunked + "\r\nzz\r\nhi\r\n")).starts_with("HTTP/1.1 400"));
        CHECK((co_await exchange(port, chunked + "Content-Length: 2\r\n\r\nhi"))
                  .starts_with("HTTP/1.1 400"));
        CHECK((co_await exchange(port,
                                 post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!"))
                  .starts_with("HTTP/1.1 400"));
        CHECK((co_await exchange(port, post + "Content-Length: -1\r\n\r\n"))
                  .starts_with("HTTP/1.1 400"));
    });
}

TEST_CASE("a path is what it says: no way up, no second slash, no escape out of a prefix") {
    with_server([](std::uint16_t port) -> awaitable<void> {
        for (const char* path : {"/tree/../hello", "//hello", "/hello/", "/./hello", "/Hello",
                                 "/hello%00", "/tree%2f..%2fhello", "/hello;x=1"}) {
            const std::string answer = co_await exchange(port, get(path));
            CHECK_MESSAGE(answer.find("hello ") == std::string::npos, path);
        }
        for (const char* method : {"TRACE", "OPTIONS", "DELETE", "PUT"}) {
            CHECK_MESSAGE((co_await exchange(port, std::string(method) +
                                                       " /hello HTTP/1.1\r\nHost: x\r\n"
                                                       "Connection: close\r\n\r\n"))
                              .starts_with("HTTP/1.1 405"),
                          method);
        }
    });
}

TEST_CASE("who sends its headers one by one is cut off, and others are served meanwhile") {
    with_server(
        [](std::uint16_t port) -> awaitable<void> {
            asio::ip::tcp::socket slow(co_await asio::this_coro::executor);
            co_await slow.async_connect({asio::ip::address_v4::loopback(), port},
                                        asio::use_awaitable);
            co_await asio::async_write(slow, asio::buffer(std::string("GET /hello HTTP/1.1\r\nA:")),
                                       asio::use_awaitable);
            CHECK((co_await exchange(port, get("/hello"))).starts_with("HTTP/1.1 200"));
            std::string rest;
            co_await asio::async_read(slow, asio::dynamic_buffer(rest), use_result);
            CHECK(rest.find("200") == std::string::npos);
        },
        {.request_time = std::chrono::milliseconds(200)});
}

TEST_CASE("connections above the limit are closed at once, and the place comes back") {
    with_server(
        [](std::uint16_t port) -> awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
            asio::ip::tcp::socket first(executor), second(executor);
            co_await first.async_connect(server, asio::use_awaitable);
            co_await asio::async_write(first, asio::buffer(std::string("GET /hello HTTP/1.1\r\n")),
                                       asio::use_awaitable);
            co_await second.async_connect(server, asio::use_awaitable);
            std::string nothing;
            co_await asio::async_read(second, asio::dynamic_buffer(nothing), use_result);
            CHECK(nothing.empty());
            co_await asio::async_write(
                first, asio::buffer(std::string("Host: x\r\nConnection: close\r\n\r\n")),
                asio::use_awaitable);
            std::string answer;
            co_await asio::async_read(first, asio::dynamic_buffer(answer), use_result);
            CHECK(answer.starts_with("HTTP/1.1 200"));
            first.close();
            CHECK((co_await exchange(port, get("/hello"))).starts_with("HTTP/1.1 200"));
        },
        {.connections = 1});
}

TEST_CASE("requests on one connection are answered in their order") {
    with_server([](std::uint16_t port) -> awaitable<void> {
        const std::string answers = co_await exchange(
            port, "GET /hello?name=1 HTTP/1.1\r\nHost: x\r\n\r\n" + get("/hello?name=2"));
        const auto one = answers.find("hello 1");
        CHECK(one != std::string::npos);
        CHECK(answers.find("hello 2") > one);
        CHECK(answers.ends_with("hello 2"));
    });
}

TEST_CASE("a WebSocket carries text both ways, or is refused with a status") {
    with_server([](std::uint16_t port) -> awaitable<void> {
        using Stream = beast::websocket::stream<asio::ip::tcp::socket>;
        Stream socket(co_await asio::this_coro::executor);
        co_await socket.next_layer().async_connect({asio::ip::address_v4::loopback(), port},
                                                   asio::use_awaitable);
        co_await socket.async_handshake("x", "/ws/yes", asio::use_awaitable);
        co_await socket.async_write(asio::buffer(std::string("hi")), asio::use_awaitable);
        beast::flat_buffer buffer;
        co_await socket.async_read(buffer, asio::use_awaitable);
        CHECK(beast::buffers_to_string(buffer.data()) == "re: hi");
        co_await socket.async_close(beast::websocket::close_code::normal, asio::use_awaitable);

        Stream refused(co_await asio::this_coro::executor);
        co_await refused.next_layer().async_connect({asio::ip::address_v4::loopback(), port},
                                                    asio::use_awaitable);
        beast::websocket::response_type answer;
        const auto [failed] = co_await refused.async_handshake(answer, "x", "/ws/no", use_result);
        CHECK(failed);
        CHECK(answer.result_int() == 403);
    });
}

TEST_CASE("a taken port is a sentence") {
    asio::io_context io;
    HttpServer first(io.get_executor());
    HttpServer second(io.get_executor());
    const auto port = first.listen("127.0.0.1", 0);
    REQUIRE(port.has_value());
    const auto refused = second.listen("127.0.0.1", *port);
    REQUIRE(refused.has_error());
    CHECK(refused.error().what.find("cannot listen on 127.0.0.1 port") == 0);
    CHECK(second.listen("localhost", 0).has_error());
}
