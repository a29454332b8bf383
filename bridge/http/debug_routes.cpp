#include "bridge/http/debug_routes.hpp"

#include <algorithm>

#include "bridge/allocation/explain.hpp"
#include "bridge/http/debug_json.hpp"

namespace jmeet::bridge {

namespace {

constexpr std::string_view kDebug = "/debug";
constexpr std::string_view kOldDebug = "/colibri/debug";

// What stands behind "/debug/", by slashes; empty parts are none.
std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t at = kDebug.size();
    while (at < path.size()) {
        const std::size_t end = std::min(path.find('/', at + 1), path.size());
        if (end > at + 1) parts.push_back(path.substr(at + 1, end - at - 1));
        at = end;
    }
    return parts;
}

awaitable<HttpResponse> moved(HttpRequest request) {
    HttpResponse answer = HttpResponse::empty(301);
    // Only a path that this server knows: what was decoded must not end a header line.
    const bool plain = std::ranges::all_of(request.path, [](char c) { return c > ' ' && c < 127; });
    answer.headers.emplace_back(
        "Location", plain ? request.path.substr(kOldDebug.size() - kDebug.size())
                          : std::string(kDebug));
    co_return answer;
}

}  // namespace

void DebugRoutes::add_to(HttpServer& server) {
    server.route("GET", "/debug", [this](HttpRequest r) { return all(std::move(r)); });
    server.route("GET", "/debug/*", [this](HttpRequest r) { return one(std::move(r)); });
    for (const char* method : {"GET", "POST"}) {
        server.route(method, "/colibri/debug", moved);
        server.route(method, "/colibri/debug/*", moved);
    }
}

std::optional<ConferenceListing> DebugRoutes::find(const std::string& id) const {
    for (auto& conference : bridge_.conferences()) {
        if (conference.local_id == id || conference.meeting_id == id) return conference;
    }
    return std::nullopt;
}

awaitable<HttpResponse> DebugRoutes::all(HttpRequest request) {
    const auto conferences = bridge_.conferences();
    std::vector<std::optional<ConferenceView>> views(conferences.size());
    if (request.parameter("full") == "true") {
        for (std::size_t i = 0; i < views.size(); ++i) {
            views[i] = co_await bridge_.view(conferences[i].meeting_id);
        }
    }
    json::Writer out;
    begin_debug(out, bridge_);
    for (std::size_t i = 0; i < views.size(); ++i) {
        if (views[i]) {
            write_full(out, conferences[i], *views[i], {});
        } else {
            write_short(out, conferences[i]);
        }
    }
    end_debug(out, bridge_);
    co_return HttpResponse::json(out.str());
}

awaitable<HttpResponse> DebugRoutes::one(HttpRequest request) {
    const auto parts = parts_of(request.path);
    if (parts.size() == 5 && parts[0] == "conferences" && parts[2] == "endpoints" &&
        parts[4] == "allocation") {
        co_return co_await allocation(parts[1], parts[3]);
    }
    if (parts.empty() || parts.size() > 2) co_return HttpResponse::empty(404);
    const auto conference = find(parts[0]);
    const bool full = request.parameter("full") != "false";
    std::optional<ConferenceView> view;
    if (conference && full) view = co_await bridge_.view(conference->meeting_id);
    json::Writer out;
    begin_debug(out, bridge_);
    if (!conference) {
        out.member(parts[0], "null");
    } else if (view) {
        write_full(out, *conference, *view, parts.size() == 2 ? parts[1] : std::string());
    } else {
        write_short(out, *conference);
    }
    end_debug(out, bridge_);
    co_return HttpResponse::json(out.str());
}

awaitable<HttpResponse> DebugRoutes::allocation(std::string conference, std::string endpoint) {
    const auto listing = find(conference);
    if (!listing) co_return HttpResponse::text("There is no conference " + conference + ".\n", 404);
    const auto view = co_await bridge_.view(listing->meeting_id);
    if (!view) {
        co_return HttpResponse::text("The conference has just ended, or media hangs.\n", 404);
    }
    for (const EndpointView& one : view->endpoints) {
        if (one.id.value() != endpoint) continue;
        std::string text;
        for (const auto& line : explain(one.allocation, one.bandwidth_rule)) text += line + "\n";
        co_return HttpResponse::text(std::move(text));
    }
    co_return HttpResponse::text("There is no endpoint " + endpoint + " in it.\n", 404);
}

}  // namespace jmeet::bridge
