#include "bridge/http/channel_route.hpp"

namespace jmeet::bridge {
namespace {

class WebSocketSink final : public ChannelSink {
 public:
    explicit WebSocketSink(WebSocket& socket) : socket_(socket) {}
    void send(std::string text) override { socket_.send(std::move(text)); }
    void close(std::uint16_t code, std::string_view reason) override {
        socket_.close(code, std::string(reason));
    }

 private:
    WebSocket& socket_;
};

// However the coroutine ends, the bridge must not keep a sink that is gone.
class OpenChannel {
 public:
    OpenChannel(Bridge& bridge, Bridge::ChannelId id) : bridge_(bridge), id_(id) {}
    ~OpenChannel() { bridge_.channel_closed(id_); }
    OpenChannel(const OpenChannel&) = delete;
    OpenChannel& operator=(const OpenChannel&) = delete;

 private:
    Bridge& bridge_;
    Bridge::ChannelId id_;
};

awaitable<void> serve(Bridge& bridge, HttpRequest request, WebSocket& socket) {
    WebSocketSink sink(socket);
    // The endpoint may have gone during the upgrade.
    const auto channel = bridge.open_channel(request.path, request.parameter("pwd"), sink);
    if (channel == 0) co_return;
    const OpenChannel open(bridge, channel);
    while (auto text = co_await socket.receive()) bridge.channel_text(channel, std::move(*text));
}

}  // namespace

void add_channel_route(HttpServer& server, Bridge& bridge) {
    server.web_socket("/colibri-ws/*",
                      {[&bridge](const HttpRequest& request) {
                           return bridge.check_channel(request.path, request.parameter("pwd"));
                       },
                       [&bridge](HttpRequest request, WebSocket& socket) {
                           return serve(bridge, std::move(request), socket);
                       }});
}

}  // namespace jmeet::bridge
