// COLIBRI2 as JSON over HTTP: what a load tool or a foreign controller drives a bridge with.
//
// Control thread. POST /colibri/v2/conferences and PATCH /colibri/v2/conferences/<meeting-id> take
// a conference-modify and answer its conference-modified with 200. A JVB says every refusal as 400
// with "Failed to create conference: <text>" as its reason phrase, and so does this. Requests of
// one conference are handled in the order in which they arrive.
#pragma once

#include "base/http_server.hpp"
#include "base/log.hpp"
#include "bridge/bridge.hpp"

namespace jmeet::bridge {

class ColibriRoutes {
 public:
    // The bridge outlives the server that gets these routes.
    explicit ColibriRoutes(Bridge& bridge);

    // *this must outlive the server.
    void add_to(HttpServer& server);

 private:
    awaitable<HttpResponse> create(HttpRequest request);
    awaitable<HttpResponse> update(HttpRequest request);
    awaitable<HttpResponse> read(HttpRequest request);
    awaitable<HttpResponse> modify(HttpRequest request, std::string meeting_id);

    Bridge& bridge_;
    log::Logger log_;
};

}  // namespace jmeet::bridge
