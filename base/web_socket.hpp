// The life of one upgraded connection, behind the WebSocket interface of base/http_server.hpp
// (RFC 6455). Control thread only.
//
// LIMITS: message 128 KiB; 1 MiB of unsent text (a reader that slow is cut); 60 s without a sign
// of life, with pings in between.
#pragma once

#include "base/http_stream.hpp"
#include "base/http_wire.hpp"

namespace jmeet {

// Answers the upgrade, runs the route's serve() and closes; returns when the connection has ended.
awaitable<void> run_web_socket(HttpStream stream, WireRequest upgrade, HttpRequest request,
                               WebSocketRoute& route);

}  // namespace jmeet
