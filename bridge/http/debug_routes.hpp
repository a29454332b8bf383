// /debug on the private HTTP port: what the bridge does now, and why a receiver sees what it sees.
//
// Control thread; the bridge outlives the server that gets these routes.
//   GET /debug[?full=true]                    the bridge and its conferences
//   GET /debug/<conference>[/<endpoint>]      one of them, in full (?full=false: in short)
//   GET /debug/conferences/<conference>/endpoints/<endpoint>/allocation
//                                             one receiver's allocation, in sentences
// A conference is named by the id it has in channel URLs (as at a JVB) or by its meeting-id.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/http_server.hpp"
#include "bridge/bridge.hpp"

namespace jmeet::bridge {

class DebugRoutes {
 public:
    explicit DebugRoutes(Bridge& bridge) : bridge_(bridge) {}
    // *this must outlive the server.
    void add_to(HttpServer& server);

 private:
    awaitable<HttpResponse> all(HttpRequest request);
    awaitable<HttpResponse> one(HttpRequest request);
    awaitable<HttpResponse> allocation(std::string conference, std::string endpoint);
    std::optional<ConferenceListing> find(const std::string& id) const;

    Bridge& bridge_;
};

}  // namespace jmeet::bridge
