// The focus' HTTP port as operators reach it: sockets, requests, statuses. Header only.
#pragma once

#include "focus/http/focus_http.hpp"
#include "tests/base/exchange.hpp"
#include "tests/focus/call.hpp"
#include "tests/focus/loopback_queue.hpp"

namespace jmeet::focus {

struct Reply {
    int status = 0;
    std::string head;
    std::string body;
};

struct Web : Talk {
    explicit Web(FocusConfig config = talk_config()) : Talk(std::move(config)) {
        packets_arrive = [this] { loopback_.pass(); };
        http.install(server);
        const auto bound = server.listen("127.0.0.1", 0);
        REQUIRE(bound.has_value());
        port = *bound;
    }
    ~Web() {
        bool stopped = false;
        asio::co_spawn(io, server.stop(), [&](const std::exception_ptr&) { stopped = true; });
        CHECK(run_until([&] { return stopped; }));
        packets_arrive = {};
    }
    Reply ask(const std::string& method, const std::string& target, const std::string& body = {},
              const std::string& headers = {}) {
        begin(method, target, body, headers);
        return reply();
    }
    // For an answer that waits for something else.
    void begin(const std::string& method, const std::string& target, const std::string& body = {},
               const std::string& headers = {}) {
        reply_text.reset();
        asio::co_spawn(io,
                       testing::exchange(
                           port, fmt::format("{} {} HTTP/1.1\r\nHost: focus\r\nConnection: "
                                             "close\r\nContent-Length: {}\r\n{}\r\n{}",
                                             method, target, body.size(), headers, body)),
                       [&](const std::exception_ptr&, std::string text) { reply_text = text; });
    }
    Reply reply() {
        REQUIRE(run_until([&] { return reply_text.has_value(); }));
        const auto end = reply_text->find("\r\n\r\n");
        REQUIRE_MESSAGE(end != std::string::npos, *reply_text);
        return {std::stoi(reply_text->substr(reply_text->find(' ') + 1)), reply_text->substr(0, end),
                reply_text->substr(end + 4)};
    }
    Reply get(const std::string& target, const std::string& headers = {}) {
        return ask("GET", target, {}, headers);
    }

    FocusHttp http{*focus};
    HttpServer server{io.get_executor()};
    std::uint16_t port = 0;
    std::optional<std::string> reply_text;

 private:
    LoopbackQueue loopback_{io};
};

}  // namespace jmeet::focus
