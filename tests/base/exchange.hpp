// Bytes to a port of this host and all that comes back until the server closes. Header only.
#pragma once

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "base/asio.hpp"

namespace jmeet::testing {

inline awaitable<std::string> exchange(std::uint16_t port, std::string request) {
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                              asio::as_tuple(asio::use_awaitable));
    co_return answer;
}

}  // namespace jmeet::testing
