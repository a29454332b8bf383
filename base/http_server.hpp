// A small HTTP/1.1 and WebSocket server on Boost.Beast: routes, limits, TLS where asked for.
//
// Control thread only. Made and owned by a composition root, which adds the routes before
// listen() and awaits stop() before it goes. Handlers are coroutines and may await peers.
//
// LIMITS: header 16 KiB, body 1 MiB, WebSocket message 128 KiB, 4,096 connections a server,
// 30 s for a request, 1 MiB of unsent WebSocket text a connection (a reader that slow is cut).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/asio.hpp"
#include "base/result.hpp"
#include "base/task_group.hpp"

namespace jmeet {

struct HttpRequest {
    std::string method;  // "GET", "POST", ...
    std::string path;    // percent-decoded, without the query
    std::map<std::string, std::string> query;    // percent-decoded
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    std::string remote_address;

    const std::string& header(const std::string& lower_case_name) const;
    const std::string& parameter(const std::string& name) const;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string reason = {};  // the reason phrase; empty: the standard one of the status

    static HttpResponse json(std::string body, int status = 200);
    static HttpResponse text(std::string body, int status = 200);
    // No body, as Jitsi answers most errors.
    static HttpResponse empty(int status);
};

// One upgraded connection. Belongs to the server; a reference is good while serve() runs.
class WebSocket {
 public:
    virtual ~WebSocket() = default;
    // The next text message; nullopt once closed, by whichever side.
    virtual awaitable<std::optional<std::string>> receive() = 0;
    // Queues a text message and returns at once.
    virtual void send(std::string text) = 0;
    virtual void close(std::uint16_t code, std::string reason) = 0;
};

struct WebSocketRoute {
    // 101 to go on, or the HTTP status to refuse with.
    std::function<int(const HttpRequest&)> accept;
    // The connection's life; it is closed when this returns.
    std::function<awaitable<void>(HttpRequest, WebSocket&)> serve;
};

struct TlsFiles {
    std::string certificate_chain;  // PEM path
    std::string private_key;        // PEM path
};

struct HttpLimits {
    // Connections at a time; who comes above is closed at once.
    std::size_t connections = 4096;
    // From a connection, or the last answer on it, to a whole request.
    std::chrono::milliseconds request_time{30'000};
};

class HttpServer {
 public:
    using Handler = std::function<awaitable<HttpResponse>(HttpRequest)>;

    explicit HttpServer(asio::any_io_executor executor, HttpLimits limits = {});
    ~HttpServer();

    // A path is exact, or a prefix when it ends in "/*" (the longest one wins).
    void route(std::string method, std::string path, Handler handler);
    void web_socket(std::string path, WebSocketRoute route);
    // Hands an upgrade request on this path, and then every byte, to another server.
    void relay_upgrade(std::string path, std::string host, std::uint16_t port);

    // An address in use, a missing right or a bad certificate is an error sentence.
    // Port 0 takes a free one. May be called more than once for several addresses.
    Result<std::uint16_t> listen(const std::string& address, std::uint16_t port,
                                 const std::optional<TlsFiles>& tls = {});
    // Closes the listeners and every connection, and waits for their coroutines.
    awaitable<void> stop();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace jmeet
