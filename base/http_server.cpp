#include "base/http_server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>

#include "base/log.hpp"

namespace jmeet {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using TcpStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

namespace {

constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;
constexpr std::uint64_t kMaxBodyBytes = 1024 * 1024;
constexpr std::size_t kMaxWebSocketMessage = 128 * 1024;
constexpr std::size_t kMaxWebSocketBacklog = 1024 * 1024;
constexpr std::size_t kMaxConnections = 4096;
constexpr auto kRequestTimeout = std::chrono::seconds(30);
// LIMIT: a dead peer is noticed by two missed pings; proxies cut idle sockets after 60 s.
constexpr auto kWebSocketIdle = std::chrono::seconds(60);

const std::string kEmptyText;

constexpr auto use_result = asio::as_tuple(asio::use_awaitable);

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' && plus_is_space ? ' ' : text[i];
        }
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

HttpRequest read_request(const http::request<http::string_body>& from, std::string remote) {
    HttpRequest request;
    request.method = std::string(from.method_string());
    std::string_view target(from.target());
    std::string_view query;
    if (const auto at = target.find('?'); at != std::string_view::npos) {
        query = target.substr(at + 1);
        target = target.substr(0, at);
    }
    request.path = percent_decode(target, false);
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        if (equals == 0) continue;
        request.query[percent_decode(pair.substr(0, equals), true)] =
            percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    for (const auto& field : from) {
        request.headers[lower(field.name_string())] = std::string(field.value());
    }
    request.body = from.body();
    request.remote_address = std::move(remote);
    return request;
}

http::response<http::string_body> write_response(const HttpResponse& from, bool keep_alive,
                                                 unsigned version, bool head) {
    http::response<http::string_body> response(static_cast<http::status>(from.status), version);
    if (!from.body.empty()) response.set(http::field::content_type, from.content_type);
    for (const auto& [name, value] : from.headers) response.insert(name, value);
    response.keep_alive(keep_alive);
    if (head) {
        response.content_length(from.body.size());
    } else {
        response.body() = from.body;
        response.prepare_payload();
    }
    return response;
}

template <class Stream>
class BeastWebSocket final : public WebSocket {
 public:
    BeastWebSocket(Stream stream, asio::any_io_executor executor)
        : stream_(std::move(stream)), wake_(executor, asio::steady_timer::time_point::max()) {}

    awaitable<error_code> handshake(const http::request<http::string_body>& upgrade) {
        auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
        timeouts.idle_timeout = kWebSocketIdle;
        timeouts.keep_alive_pings = true;
        stream_.set_option(timeouts);
        stream_.read_message_max(kMaxWebSocketMessage);
        const auto [failed] = co_await stream_.async_accept(upgrade, use_result);
        closed_ = static_cast<bool>(failed);
        co_return failed;
    }

    awaitable<std::optional<std::string>> receive() override {
        while (!closed_) {
            beast::flat_buffer buffer;
            const auto [failed, size] = co_await stream_.async_read(buffer, use_result);
            if (failed) break;
            if (stream_.got_text()) co_return beast::buffers_to_string(buffer.data());
        }
        mark_closed();
        co_return std::nullopt;
    }

    void send(std::string text) override {
        if (closed_ || close_) return;
        backlog_bytes_ += text.size();
        if (backlog_bytes_ > kMaxWebSocketBacklog) return close(1008, "reader too slow");
        backlog_.push_back(std::move(text));
        wake_.cancel();
    }

    void close(std::uint16_t code, std::string reason) override {
        if (closed_ || close_) return;
        close_ = websocket::close_reason(static_cast<websocket::close_code>(code), reason);
        wake_.cancel();
    }

    // The one writer: queued text in order, then the close frame.
    awaitable<void> write_until_closed() {
        stream_.text(true);
        while (!closed_) {
            if (!backlog_.empty()) {
                const std::string text = std::move(backlog_.front());
                backlog_.pop_front();
                const auto [failed, size] =
                    co_await stream_.async_write(asio::buffer(text), use_result);
                backlog_bytes_ -= std::min(backlog_bytes_, text.size());
                if (failed) break;
            } else if (close_) {
                co_await stream_.async_close(*close_, use_result);
                break;
            } else {
                co_await wake_.async_wait(use_result);
                wake_.expires_at(asio::steady_timer::time_point::max());
            }
        }
        mark_closed();
    }

 private:
    void mark_closed() {
        closed_ = true;
        wake_.cancel();
    }

    websocket::stream<Stream> stream_;
    asio::steady_timer wake_;
    std::deque<std::string> backlog_;
    std::size_t backlog_bytes_ = 0;
    std::optional<websocket::close_reason> close_;
    bool closed_ = true;
};

template <class From, class To>
awaitable<void> pump(From& from, To& to) {
    std::array<char, 16 * 1024> bytes;
    for (;;) {
        beast::get_lowest_layer(from).expires_never();
        const auto [failed, size] = co_await from.async_read_some(asio::buffer(bytes), use_result);
        if (failed) break;
        const auto [lost, written] =
            co_await asio::async_write(to, asio::buffer(bytes, size), use_result);
        if (lost) break;
    }
    error_code ignored;
    beast::get_lowest_layer(from).socket().shutdown(tcp::socket::shutdown_both, ignored);
    beast::get_lowest_layer(to).socket().shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace

const std::string& HttpRequest::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? kEmptyText : found->second;
}

const std::string& HttpRequest::parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? kEmptyText : found->second;
}

HttpResponse HttpResponse::json(std::string body, int status) {
    return {status, "application/json", std::move(body), {}};
}
HttpResponse HttpResponse::text(std::string body, int status) {
    return {status, "text/plain;charset=utf-8", std::move(body), {}};
}
HttpResponse HttpResponse::empty(int status) { return {status, {}, {}, {}}; }

struct HttpServer::State {
    struct Upstream {
        std::string host;
        std::uint16_t port;
    };

    explicit State(asio::any_io_executor e) : executor(e), tasks(e) {}

    asio::any_io_executor executor;
    std::map<std::string, std::map<std::string, Handler>> handlers;  // path -> method -> handler
    std::map<std::string, WebSocketRoute> web_sockets;
    std::map<std::string, Upstream> relays;
    std::list<tcp::acceptor> acceptors;
    std::list<asio::ssl::context> tls_contexts;
    std::size_t connections = 0;
    log::Logger logger{log::Program::focus, "HttpServer"};
    TaskGroup tasks;

    template <class Map>
    static typename Map::mapped_type* find(Map& map, const std::string& path) {
        if (const auto exact = map.find(path); exact != map.end()) return &exact->second;
        typename Map::mapped_type* best = nullptr;
        std::size_t best_size = 0;
        for (auto& [pattern, value] : map) {
            if (!pattern.ends_with("/*")) continue;
            const std::string_view prefix(pattern.data(), pattern.size() - 1);
            if (path.starts_with(prefix) && prefix.size() > best_size) {
                best = &value;
                best_size = prefix.size();
            }
        }
        return best;
    }

    awaitable<HttpResponse> respond(HttpRequest request) {
        auto* const methods = find(handlers, request.path);
        if (!methods) co_return HttpResponse::empty(404);
        auto handler = methods->find(request.method == "HEAD" ? "GET" : request.method);
        if (handler == methods->end()) co_return HttpResponse::empty(405);
        try {
            co_return co_await handler->second(std::move(request));
        } catch (const std::exception& e) {
            logger.severe("a request handler failed: {}", e.what());
        }
        co_return HttpResponse::empty(500);
    }

    template <class Stream>
    awaitable<void> run_web_socket(Stream stream, http::request<http::string_body> upgrade,
                                   HttpRequest request, WebSocketRoute* route) {
        BeastWebSocket<Stream> socket(std::move(stream), executor);
        if (co_await socket.handshake(upgrade)) co_return;
        using namespace asio::experimental::awaitable_operators;
        co_await (socket.write_until_closed() && serve_then_close(request, socket, route));
    }

    static awaitable<void> serve_then_close(HttpRequest request, WebSocket& socket,
                                            WebSocketRoute* route) {
        co_await route->serve(std::move(request), socket);
        socket.close(1000, "");
    }

    template <class Stream>
    awaitable<void> run_relay(Stream& stream, const http::request<http::string_body>& upgrade,
                              beast::flat_buffer& left_over, const Upstream& to) {
        TcpStream upstream(executor);
        upstream.expires_after(kRequestTimeout);
        tcp::resolver resolver(executor);
        const auto [unknown, addresses] =
            co_await resolver.async_resolve(to.host, std::to_string(to.port), use_result);
        error_code failed = unknown;
        if (!failed) {
            const auto [refused, endpoint] = co_await upstream.async_connect(addresses, use_result);
            failed = refused;
        }
        if (failed) {
            logger.warning("cannot reach {}:{} for an upgrade: {}", to.host, to.port,
                           failed.message());
            const auto answer = write_response(HttpResponse::empty(502), false, 11, false);
            co_await http::async_write(stream, answer, use_result);
            co_return;
        }
        co_await http::async_write(upstream, upgrade, use_result);
        co_await asio::async_write(upstream, left_over.data(), use_result);
        using namespace asio::experimental::awaitable_operators;
        co_await (pump(stream, upstream) && pump(upstream, stream));
    }

    template <class Stream>
    awaitable<void> session(Stream stream, std::string remote) {
        beast::flat_buffer buffer(kMaxHeaderBytes + kMaxBodyBytes);
        for (;;) {
            http::request_parser<http::string_body> parser;
            parser.header_limit(kMaxHeaderBytes);
            parser.body_limit(kMaxBodyBytes);
            beast::get_lowest_layer(stream).expires_after(kRequestTimeout);
            const auto [failed, size] =
                co_await http::async_read(stream, buffer, parser, use_result);
            if (failed) {
                co_await refuse_unreadable(stream, failed);
                break;
            }
            const bool upgrade = websocket::is_upgrade(parser.get());
            const auto message = parser.release();
            HttpRequest request = read_request(message, remote);
            if (upgrade) {
                if (auto* const to = find(relays, request.path)) {
                    co_await run_relay(stream, message, buffer, *to);
                    break;
                }
                if (auto* const route = find(web_sockets, request.path)) {
                    const int status = route->accept(request);
                    if (status == 101) {
                        beast::get_lowest_layer(stream).expires_never();
                        co_await run_web_socket(std::move(stream), message, std::move(request),
                                                route);
                        co_return;
                    }
                    const auto no =
                        write_response(HttpResponse::empty(status), false, message.version(), false);
                    co_await http::async_write(stream, no, use_result);
                    break;
                }
            }
            const HttpResponse answer = co_await respond(std::move(request));
            const auto response = write_response(answer, message.keep_alive(), message.version(),
                                                 message.method() == http::verb::head);
            const auto [lost, sent] = co_await http::async_write(stream, response, use_result);
            if (lost || !message.keep_alive()) break;
        }
        error_code ignored;
        beast::get_lowest_layer(stream).socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    template <class Stream>
    static awaitable<void> refuse_unreadable(Stream& stream, error_code why) {
        int status = 0;
        if (why == http::error::body_limit) status = 413;
        if (why == http::error::header_limit) status = 431;
        if (why == http::error::bad_method || why == http::error::bad_target ||
            why == http::error::bad_version || why == http::error::bad_field ||
            why == http::error::bad_value || why == http::error::bad_content_length) {
            status = 400;
        }
        if (status == 0) co_return;
        const auto answer = write_response(HttpResponse::empty(status), false, 11, false);
        co_await http::async_write(stream, answer, use_result);
    }

    awaitable<void> connection(tcp::socket socket, asio::ssl::context* tls) {
        ++connections;
        error_code ignored;
        const std::string remote = socket.remote_endpoint(ignored).address().to_string();
        socket.set_option(tcp::no_delay(true), ignored);
        if (tls) {
            TlsStream stream(std::move(socket), *tls);
            beast::get_lowest_layer(stream).expires_after(kRequestTimeout);
            const auto [failed] =
                co_await stream.async_handshake(asio::ssl::stream_base::server, use_result);
            if (!failed) co_await session(std::move(stream), remote);
        } else {
            co_await session(TcpStream(std::move(socket)), remote);
        }
        --connections;
    }

    awaitable<void> accept(tcp::acceptor& acceptor, asio::ssl::context* tls) {
        while (acceptor.is_open()) {
            auto [failed, socket] = co_await acceptor.async_accept(use_result);
            if (tasks.stopping()) break;
            if (failed) {
                if (failed == asio::error::operation_aborted) break;
                // Out of descriptors: leave the others time to end.
                co_await sleep_for(std::chrono::milliseconds(100));
                continue;
            }
            if (connections >= kMaxConnections) continue;
            tasks.spawn("HTTP connection", connection(std::move(socket), tls));
        }
    }
};

HttpServer::HttpServer(asio::any_io_executor executor)
    : state_(std::make_unique<State>(executor)) {}
HttpServer::~HttpServer() = default;

void HttpServer::route(std::string method, std::string path, Handler handler) {
    state_->handlers[std::move(path)][std::move(method)] = std::move(handler);
}

void HttpServer::web_socket(std::string path, WebSocketRoute route) {
    state_->web_sockets[std::move(path)] = std::move(route);
}

void HttpServer::relay_upgrade(std::string path, std::string host, std::uint16_t port) {
    state_->relays[std::move(path)] = {std::move(host), port};
}

Result<std::uint16_t> HttpServer::listen(const std::string& address, std::uint16_t port,
                                         const std::optional<TlsFiles>& tls) {
    error_code failed;
    const auto ip = asio::ip::make_address(address, failed);
    if (failed) return fail("'" + address + "' is not an IP address to listen on");

    asio::ssl::context* context = nullptr;
    if (tls) {
        context = &state_->tls_contexts.emplace_back(asio::ssl::context::tls_server);
        context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1,
                             failed);
        context->use_certificate_chain_file(tls->certificate_chain, failed);
        if (failed) {
            return fail("cannot read the certificate " + tls->certificate_chain + ": " +
                        failed.message());
        }
        context->use_private_key_file(tls->private_key, asio::ssl::context::pem, failed);
        if (failed) {
            return fail("cannot use the private key " + tls->private_key + ": " +
                        failed.message());
        }
    }

    auto& acceptor = state_->acceptors.emplace_back(state_->executor);
    const tcp::endpoint endpoint(ip, port);
    acceptor.open(endpoint.protocol(), failed);
    if (!failed) acceptor.set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed && ip.is_v6()) acceptor.set_option(asio::ip::v6_only(false), failed);
    if (!failed) acceptor.bind(endpoint, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) {
        state_->acceptors.pop_back();
        return fail("cannot listen on " + address + " port " + std::to_string(port) + ": " +
                    failed.message());
    }
    const std::uint16_t bound = acceptor.local_endpoint(failed).port();
    state_->tasks.spawn("HTTP listener", state_->accept(acceptor, context));
    return bound;
}

awaitable<void> HttpServer::stop() {
    for (auto& acceptor : state_->acceptors) {
        error_code ignored;
        acceptor.close(ignored);
    }
    co_await state_->tasks.stop();
}

}  // namespace jmeet
