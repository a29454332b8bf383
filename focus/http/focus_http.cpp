#include "focus/http/focus_http.hpp"

#include "focus/http/bad_request.hpp"
#include "focus/http/move_routes.hpp"
#include "focus/http/pin_routes.hpp"
#include "xmpp/jitsi_conference.hpp"

namespace jmeet::focus {
namespace {

constexpr char kConferenceRequest[] = "/conference-request/v1";
constexpr std::string_view kDebugConference = "/debug/conference/";

std::string bearer(const std::string& authorization) {
    constexpr std::string_view kBearer = "Bearer ";
    return authorization.starts_with(kBearer) ? authorization.substr(kBearer.size())
                                              : authorization;
}

}  // namespace

FocusHttp::FocusHttp(Services& services) : services_(services) {}

void FocusHttp::install(HttpServer& server) {
    const auto get = [&](const std::string& path, Answer with) {
        server.route("GET", path, [this, with](HttpRequest r) {
            return answer(std::move(r), with);
        });
    };
    const RestConfig& rest = services_.config().rest;
    if (services_.config().health.enabled) get("/about/health", &FocusHttp::get_health);
    get("/about/version", &FocusHttp::get_version);
    get("/stats", &FocusHttp::get_stats);
    get("/rtcstats", &FocusHttp::get_rtcstats);
    if (rest.debug) {
        get("/debug", &FocusHttp::debug);
        get("/debug/conferences", &FocusHttp::get_conferences);
        get("/debug/conferences-full", &FocusHttp::get_conferences_full);
        get("/debug/conference/*", &FocusHttp::get_conference);
        get("/debug/xmpp-caps", &FocusHttp::get_caps);
    }
    if (rest.pin) install_pin_routes(server, services_.rooms().pins());
    if (rest.prometheus) get("/metrics", &FocusHttp::get_metrics);
    if (rest.move_endpoints) add_move_routes(server, services_.mover());
    if (!rest.conference_request) return;
    server.route("POST", kConferenceRequest,
                 [this](HttpRequest r) { return conference_request(std::move(r)); });
    server.route("OPTIONS", kConferenceRequest, [this](HttpRequest r) {
        return answer(std::move(r), &FocusHttp::get_options);
    });
}

awaitable<HttpResponse> FocusHttp::answer(HttpRequest request, Answer answer_with) {
    co_return (this->*answer_with)(request);
}

HttpResponse FocusHttp::get_options(const HttpRequest&) const {
    return HttpResponse::text("", 200);
}

HttpResponse FocusHttp::get_conference(const HttpRequest& request) const {
    return debug_conference(request.path.substr(std::min(kDebugConference.size(),
                                                         request.path.size())));
}

HttpResponse FocusHttp::health() const {
    const HealthResult health = services_.health();
    return HttpResponse::text(health.success ? "OK" : health.message, health.status());
}

awaitable<HttpResponse> FocusHttp::conference_request(HttpRequest request) {
    auto parsed = xmpp::parse_conference_json(request.body);
    if (!parsed) co_return bad_request(parsed.error().what);
    const std::string token = bearer(request.header("authorization"));
    if (!token.empty()) parsed->token = token;
    const auto answered = co_await services_.rooms().request(std::move(*parsed), xmpp::Jid());
    if (answered) co_return HttpResponse::json(xmpp::write_conference_json(*answered));
    const xmpp::StanzaError& error = answered.error();
    if (error.is("not-authorized")) co_return HttpResponse::text("Error", 403);
    // COMPAT: lib-jitsi-meet looks for "400 invalid-session" to ask again without its session.
    if (error.is("not-acceptable")) co_return bad_request("400 invalid-session");
    co_return bad_request(error.text.empty() ? error.condition : error.text);
}

}  // namespace jmeet::focus
