// GET /pin, POST /pin, POST /pin/remove: conferences pinned to a version of bridges, as Jicofo has
// them. Control thread; the pins outlive the server.
#pragma once

#include "base/http_server.hpp"
#include "focus/bridges/pins.hpp"

namespace jmeet::focus {

HttpResponse list_pins(BridgePins& pins, BridgePins::Time now);
// {"conferenceId":"room@muc","jvbVersion":"2.3.1","durationMinutes":10}
HttpResponse set_pin(BridgePins& pins, const std::string& body, BridgePins::Time now);
// {"conferenceId":"room@muc"}
HttpResponse remove_pin(BridgePins& pins, const std::string& body);

void install_pin_routes(HttpServer& server, BridgePins& pins);

}  // namespace jmeet::focus
