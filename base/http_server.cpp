#include "base/http_server.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <list>

#include "base/byte_pump.hpp"
#include "base/http_wire.hpp"
#include "base/log.hpp"
#include "base/tls_front.hpp"
#include "base/web_socket.hpp"

namespace jmeet {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;
constexpr std::uint64_t kMaxBodyBytes = 1024 * 1024;

}  // namespace

struct HttpServer::State {
    struct Upstream {
        std::string host;
        std::uint16_t port;
    };

    State(asio::any_io_executor e, HttpLimits l) : executor(e), limits(l), tasks(e) {}

    asio::any_io_executor executor;
    const HttpLimits limits;
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

    awaitable<void> run_relay(HttpStream& stream, const WireRequest& upgrade,
                              beast::flat_buffer& left_over, const Upstream& to) {
        tcp::resolver resolver(executor);
        auto [failed, addresses] =
            co_await resolver.async_resolve(to.host, std::to_string(to.port), use_result);
        HttpStream upstream(executor);
        upstream.expires_after(kRequestTimeout);
        for (const auto& address : addresses) {
            upstream.close();
            const auto [refused] =
                co_await upstream.async_connect(HttpSocket::endpoint_type(address.endpoint()),
                                                use_result);
            failed = refused;
            if (!failed) break;
        }
        if (failed) {
            logger.warning("cannot reach {}:{} for an upgrade: {}", to.host, to.port,
                           failed.message());
            co_await answer_last(stream, 502);
            co_return;
        }
        co_await http::async_write(upstream, upgrade, use_result);
        co_await asio::async_write(upstream, left_over.data(), use_result);
        co_await pump_both(stream, upstream);
    }

    static awaitable<void> answer_last(HttpStream& stream, int status) {
        const auto answer = write_last_response(HttpResponse::empty(status));
        co_await http::async_write(stream, answer, use_result);
    }

    awaitable<void> session(HttpStream stream, std::string remote) {
        beast::flat_buffer buffer(kMaxHeaderBytes + kMaxBodyBytes);
        for (;;) {
            http::request_parser<http::string_body> parser;
            parser.header_limit(kMaxHeaderBytes);
            parser.body_limit(kMaxBodyBytes);
            stream.expires_after(limits.request_time);
            const auto [failed, size] =
                co_await http::async_read(stream, buffer, parser, use_result);
            if (failed) {
                co_await refuse_unreadable(stream, failed);
                break;
            }
            const bool upgrade = beast::websocket::is_upgrade(parser.get());
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
                        stream.expires_never();
                        co_await run_web_socket(std::move(stream), message, std::move(request),
                                                *route);
                        co_return;
                    }
                    co_await answer_last(stream, status);
                    break;
                }
            }
            const HttpResponse answer = co_await respond(std::move(request));
            const auto response = write_response(answer, message);
            const auto [lost, sent] = co_await http::async_write(stream, response, use_result);
            if (lost || !message.keep_alive()) break;
        }
        error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    static awaitable<void> refuse_unreadable(HttpStream& stream, error_code why) {
        int status = 0;
        if (why == http::error::body_limit) status = 413;
        if (why == http::error::header_limit) status = 431;
        if (why == http::error::bad_method || why == http::error::bad_target ||
            why == http::error::bad_version || why == http::error::bad_field ||
            why == http::error::bad_value || why == http::error::bad_content_length ||
            why == http::error::multiple_content_length ||
            why == http::error::bad_transfer_encoding || why == http::error::bad_chunk) {
            status = 400;
        }
        if (status != 0) co_await answer_last(stream, status);
    }

    awaitable<void> tls_session(tcp::socket client, asio::ssl::context& tls, std::string remote) {
        asio::local::stream_protocol::socket front(executor), behind(executor);
        error_code failed;
        asio::local::connect_pair(front, behind, failed);
        if (failed) co_return;
        using namespace asio::experimental::awaitable_operators;
        co_await (run_tls_front(std::move(client), tls, HttpSocket(std::move(front))) &&
                  session(HttpStream(HttpSocket(std::move(behind))), std::move(remote)));
    }

    awaitable<void> connection(tcp::socket socket, asio::ssl::context* tls) {
        ++connections;
        error_code ignored;
        const std::string remote = socket.remote_endpoint(ignored).address().to_string();
        socket.set_option(tcp::no_delay(true), ignored);
        if (tls) {
            co_await tls_session(std::move(socket), *tls, remote);
        } else {
            co_await session(HttpStream(HttpSocket(std::move(socket))), remote);
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
            if (connections >= limits.connections) continue;
            tasks.spawn("HTTP connection", connection(std::move(socket), tls));
        }
    }
};

HttpServer::HttpServer(asio::any_io_executor executor, HttpLimits limits)
    : state_(std::make_unique<State>(executor, limits)) {}
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
        if (auto read = load_certificate(*context, tls->certificate_chain, tls->private_key);
            !read) {
            return read.error();
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
