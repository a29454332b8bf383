// One HTTP request over a real socket, as curl makes it. Header only.
#pragma once

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <stdexcept>
#include <string>

#include "base/asio.hpp"

namespace jmeet::bridge::test {

struct HttpAnswer {
    int status = 0;
    std::string reason;
    std::string head;
    std::string body;
};

struct HttpQuestion {
    std::string method = "GET";
    std::string path;
    std::string body = {};
    std::string content_type = "application/json";
    std::string more_headers = {};  // lines with their ends
};

inline awaitable<void> exchange(std::uint16_t port, std::string request, std::string& answer) {
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                              asio::as_tuple(asio::use_awaitable));
}

// `step` lets the server and its peers go on; it is called until the answer is there.
template <class Step>
HttpAnswer ask_http(asio::io_context& io, std::uint16_t port, const HttpQuestion& question,
                    Step&& step) {
    std::string request = question.method + " " + question.path +
                          " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + question.more_headers;
    if (!question.body.empty()) {
        request += "Content-Type: " + question.content_type +
                   "\r\nContent-Length: " + std::to_string(question.body.size()) + "\r\n";
    }
    request += "\r\n" + question.body;
    std::string text;
    bool done = false;
    asio::co_spawn(io, exchange(port, std::move(request), text),
                   [&](std::exception_ptr) { done = true; });
    while (!done) step();
    const auto line = text.find("\r\n");
    const auto body = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || body == std::string::npos) {
        throw std::runtime_error("no HTTP answer: " + text);
    }
    return {std::stoi(text.substr(9, 3)), text.substr(13, line - 13), text.substr(0, body),
            text.substr(body + 4)};
}

}  // namespace jmeet::bridge::test
