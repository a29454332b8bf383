// Bridge channels over WebSocket: /colibri-ws/<server>/<conference>/<endpoint>?pwd=<password>.
// Control thread. The bridge outlives the server.
#pragma once

#include "base/http_server.hpp"
#include "bridge/bridge.hpp"

namespace jmeet::bridge {

void add_channel_route(HttpServer& server, Bridge& bridge);

}  // namespace jmeet::bridge
