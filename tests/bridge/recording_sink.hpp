// A bridge channel over WebSocket without HTTP: what the bridge says on it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/bridge/test_call.hpp"

namespace jmeet::bridge::test {

struct RecordingSink final : ChannelSink {
    std::vector<std::string> texts;
    std::uint16_t closed_with = 0;
    std::string reason;

    void send(std::string text) override { texts.push_back(std::move(text)); }
    void close(std::uint16_t code, std::string_view why) override {
        closed_with = code;
        reason = why;
    }
    bool heard(std::string_view part) const {
        return std::any_of(texts.begin(), texts.end(), [part](const auto& t) {
            return t.find(part) != std::string::npos;
        });
    }
    // The classes of what was said, in order.
    std::vector<std::string> classes() const {
        static constexpr std::string_view kStart = R"({"colibriClass":")";
        std::vector<std::string> out;
        for (const auto& t : texts) {
            const auto end = t.find('"', kStart.size());
            out.push_back(t.substr(kStart.size(), end - kStart.size()));
        }
        return out;
    }
};

inline BridgeConfig web_socket_config() {
    auto config = Call::local_config();
    config.websockets = true;
    config.websocket_tls = false;
    config.websocket_domains = {"127.0.0.1:9090"};
    config.websocket_server_id = "jvb1";
    return config;
}

// Path and password of the channel URL in an endpoint's transport.
struct ChannelUrl {
    std::string path;
    std::string password;

    explicit ChannelUrl(const xmpp::colibri2::Endpoint& endpoint) {
        const auto& url = endpoint.transport->ice->web_sockets.at(0);
        const auto start = url.find('/', std::string_view("ws://").size());
        const auto query = url.find("?pwd=");
        path = url.substr(start, query - start);
        password = url.substr(query + 5);
    }
};

}  // namespace jmeet::bridge::test
