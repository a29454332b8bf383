// The one byte stream behind the HTTP server: a TCP connection, or the plain side of a TLS front.
// One type, so that Beast's HTTP and WebSocket are instantiated once.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include "base/asio.hpp"

namespace jmeet {

using HttpSocket = asio::generic::stream_protocol::socket;
using HttpStream = boost::beast::basic_stream<asio::generic::stream_protocol>;

inline constexpr auto use_result = asio::as_tuple(asio::use_awaitable);

// LIMIT: one request or one TLS handshake; a peer that is slower than this is not served.
inline constexpr std::chrono::seconds kRequestTimeout{30};

}  // namespace jmeet
