// Two connections joined: every byte of each goes to the other.
#pragma once

#include <boost/asio/write.hpp>
#include <boost/beast/core/stream_traits.hpp>

#include "base/http_stream.hpp"

namespace jmeet {

// One direction, until either side ends; then both are shut down, which ends the other direction.
template <class From, class To>
awaitable<void> pump(From& from, To& to) {
    std::array<char, 16 * 1024> bytes;
    boost::beast::get_lowest_layer(from).expires_never();
    for (;;) {
        const auto [failed, size] = co_await from.async_read_some(asio::buffer(bytes), use_result);
        if (failed) break;
        const auto [lost, written] =
            co_await asio::async_write(to, asio::buffer(bytes, size), use_result);
        if (lost) break;
    }
    error_code ignored;
    boost::beast::get_lowest_layer(from).socket().shutdown(asio::socket_base::shutdown_both,
                                                           ignored);
    boost::beast::get_lowest_layer(to).socket().shutdown(asio::socket_base::shutdown_both, ignored);
}

template <class A, class B>
awaitable<void> pump_both(A& a, B& b) {
    using namespace asio::experimental::awaitable_operators;
    co_await (pump(a, b) && pump(b, a));
}

}  // namespace jmeet
