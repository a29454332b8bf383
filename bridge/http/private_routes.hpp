// The bridge's private HTTP port: health, version, statistics, metrics, shutdown, drain, debug.
//
// Control thread. The bridge and the breweries outlive the server that gets these routes.
#pragma once

#include <functional>

#include "base/http_server.hpp"
#include "base/log.hpp"
#include "bridge/bridge.hpp"
#include "bridge/control/statistics.hpp"
#include "bridge/http/bridge_metrics.hpp"
#include "bridge/http/debug_routes.hpp"

namespace jmeet::bridge {

class PrivateRoutes {
 public:
    // `clients` counts for the statistics; `xmpp_health` is the sentence that makes health red.
    PrivateRoutes(Bridge& bridge, std::function<MucClients()> clients,
                  std::function<Result<void>()> xmpp_health);

    // *this must outlive the server.
    void add_to(HttpServer& server);

 private:
    awaitable<HttpResponse> health(HttpRequest request);
    awaitable<HttpResponse> version(HttpRequest request);
    awaitable<HttpResponse> statistics(HttpRequest request);
    awaitable<HttpResponse> metrics(HttpRequest request);
    awaitable<HttpResponse> shutdown(HttpRequest request);
    awaitable<HttpResponse> read_drain(HttpRequest request);
    awaitable<HttpResponse> set_drain(HttpRequest request);

    Bridge& bridge_;
    std::function<MucClients()> clients_;
    std::function<Result<void>()> xmpp_health_;
    BridgeMetrics metrics_;
    DebugRoutes debug_;
    log::Logger log_;
};

}  // namespace jmeet::bridge
