// One HTTP request over a real socket, as curl makes it. Header only.
#pragma once

#include <stdexcept>
#include <string>

#include "base/asio.hpp"
#include "tests/base/exchange.hpp"

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
    asio::co_spawn(io, jmeet::testing::exchange(port, std::move(request)),
                   [&](std::exception_ptr, std::string answer) {
                       text = std::move(answer);
                       done = true;
                   });
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
