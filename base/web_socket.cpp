#include "base/web_socket.hpp"

#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>

namespace jmeet {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

constexpr std::size_t kMaxWebSocketMessage = 128 * 1024;
constexpr std::size_t kMaxWebSocketBacklog = 1024 * 1024;
// LIMIT: a dead peer is noticed by two missed pings; proxies cut idle sockets after 60 s.
constexpr auto kWebSocketIdle = std::chrono::seconds(60);

class BeastWebSocket final : public WebSocket {
 public:
    BeastWebSocket(HttpStream stream, asio::any_io_executor executor)
        : stream_(std::move(stream)), wake_(executor, asio::steady_timer::time_point::max()) {}

    awaitable<error_code> handshake(const WireRequest& upgrade) {
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
        if (backlog_bytes_ > kMaxWebSocketBacklog) return cut();
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
    // A close frame would stand behind all that the peer does not read.
    void cut() {
        backlog_.clear();
        mark_closed();
        beast::get_lowest_layer(stream_).close();
    }
    void mark_closed() {
        closed_ = true;
        wake_.cancel();
    }

    // Without compression: channel messages are short.
    websocket::stream<HttpStream, false> stream_;
    asio::steady_timer wake_;
    std::deque<std::string> backlog_;
    std::size_t backlog_bytes_ = 0;
    std::optional<websocket::close_reason> close_;
    bool closed_ = true;
};

awaitable<void> serve_then_close(HttpRequest request, WebSocket& socket, WebSocketRoute& route) {
    co_await route.serve(std::move(request), socket);
    socket.close(1000, "");
}

}  // namespace

awaitable<void> run_web_socket(HttpStream stream, WireRequest upgrade, HttpRequest request,
                               WebSocketRoute& route) {
    const auto executor = co_await asio::this_coro::executor;
    BeastWebSocket socket(std::move(stream), executor);
    if (co_await socket.handshake(upgrade)) co_return;
    using namespace asio::experimental::awaitable_operators;
    co_await (socket.write_until_closed() && serve_then_close(std::move(request), socket, route));
}

}  // namespace jmeet
