#include "bridge/http/private_routes.hpp"

#include <sys/utsname.h>

#include "base/json.hpp"

namespace jmeet::bridge {

PrivateRoutes::PrivateRoutes(Bridge& bridge, std::function<MucClients()> clients,
                             std::function<Result<void>()> xmpp_health)
    : bridge_(bridge),
      clients_(clients),
      xmpp_health_(std::move(xmpp_health)),
      metrics_(bridge, clients),
      debug_(bridge),
      log_(log::Program::bridge, "Rest") {}

void PrivateRoutes::add_to(HttpServer& server) {
    const auto add = [&](const char* method, const char* path,
                         awaitable<HttpResponse> (PrivateRoutes::*handler)(HttpRequest)) {
        server.route(method, path,
                     [this, handler](HttpRequest r) { return (this->*handler)(std::move(r)); });
    };
    add("GET", "/about/health", &PrivateRoutes::health);
    add("GET", "/about/version", &PrivateRoutes::version);
    add("GET", "/colibri/stats", &PrivateRoutes::statistics);
    add("GET", "/metrics", &PrivateRoutes::metrics);
    add("POST", "/colibri/shutdown", &PrivateRoutes::shutdown);
    add("GET", "/colibri/drain", &PrivateRoutes::read_drain);
    add("POST", "/colibri/drain/enable", &PrivateRoutes::set_drain);
    add("POST", "/colibri/drain/disable", &PrivateRoutes::set_drain);
    debug_.add_to(server);
}

namespace {

// A page in a browser on this host could post here without being asked. Operators' tools send no
// Origin, and pages cannot but send one.
bool from_a_page(const HttpRequest& request) { return !request.header("origin").empty(); }

}  // namespace

awaitable<HttpResponse> PrivateRoutes::health(HttpRequest) {
    const auto media = bridge_.health();
    if (!media) co_return HttpResponse::text(media.error().what, 500);
    const auto xmpp = xmpp_health_();
    if (!xmpp) co_return HttpResponse::text(xmpp.error().what, 500);
    co_return HttpResponse::empty(200);
}

awaitable<HttpResponse> PrivateRoutes::version(HttpRequest) {
    utsname system{};
    uname(&system);
    json::Writer out;
    out.begin_object();
    out.member("name", "JVB");
    out.member("version", bridge_.config().version);
    out.member("os", std::string(system.sysname));
    out.end_object();
    co_return HttpResponse::json(out.str());
}

awaitable<HttpResponse> PrivateRoutes::statistics(HttpRequest) {
    co_return HttpResponse::json(to_json(make_statistics(bridge_, clients_())));
}

awaitable<HttpResponse> PrivateRoutes::metrics(HttpRequest request) {
    co_return metrics_.scrape(request.header("accept"));
}

// {"graceful-shutdown": true}; Jitsi's own script sends the word as a string.
awaitable<HttpResponse> PrivateRoutes::shutdown(HttpRequest request) {
    if (from_a_page(request)) co_return HttpResponse::empty(403);
    const auto document = json::parse_object(request.body);
    if (!document || !document->HasMember("graceful-shutdown")) co_return HttpResponse::empty(400);
    const auto& member = (*document)["graceful-shutdown"];
    const bool graceful = member.IsBool()     ? member.GetBool()
                          : member.IsString() ? std::string(member.GetString()) == "true"
                                              : false;
    log_.info("{} shutdown requested over HTTP by {}", graceful ? "Graceful" : "Forced",
              request.remote_address);
    bridge_.start_shutdown(graceful ? ShutdownKind::graceful : ShutdownKind::force);
    co_return HttpResponse::empty(200);
}

awaitable<HttpResponse> PrivateRoutes::read_drain(HttpRequest) {
    co_return HttpResponse::json(bridge_.drain() ? "{\"drain\":true}" : "{\"drain\":false}");
}

awaitable<HttpResponse> PrivateRoutes::set_drain(HttpRequest request) {
    if (from_a_page(request)) co_return HttpResponse::empty(403);
    bridge_.set_drain(request.path.ends_with("/enable"));
    log_.info("Drain mode {} over HTTP by {}", bridge_.drain() ? "entered" : "left",
              request.remote_address);
    co_return HttpResponse::empty(200);
}

}  // namespace jmeet::bridge
