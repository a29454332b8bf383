// GET /move-endpoints/...: Jicofo's requests to move participants between bridges, answered with
// {"movedEndpoints":8,"conferences":1}.
//
// Added to the focus' HTTP server by FocusHttp; control thread.
#pragma once

#include "base/http_server.hpp"
#include "focus/load_redistributor.hpp"

namespace jmeet::focus {

HttpResponse move_endpoint(LoadRedistributor& mover, const HttpRequest& request);
HttpResponse move_endpoints(LoadRedistributor& mover, const HttpRequest& request);
HttpResponse move_fraction(LoadRedistributor& mover, const HttpRequest& request);

void add_move_routes(HttpServer& server, LoadRedistributor& mover);

}  // namespace jmeet::focus
