#include "focus/http/move_routes.hpp"

#include <charconv>

#include "base/json.hpp"
#include "focus/http/bad_request.hpp"

namespace jmeet::focus {
namespace {

using Outcome = LoadRedistributor::Outcome;
using Answer = HttpResponse (*)(LoadRedistributor&, const HttpRequest&);

HttpResponse missing(const std::string& name) {
    return bad_request("Missing parameter: " + name);
}

HttpResponse invalid(const std::string& name) {
    return bad_request("Invalid parameter: " + name);
}

HttpResponse answer(const Outcome& outcome) {
    if (const auto* unknown = std::get_if<LoadRedistributor::NotFound>(&outcome)) {
        // COMPAT: Jicofo means 404 as well, but its handler makes 500 of it.
        return HttpResponse::text("Not found: " + unknown->what + " not found", 404);
    }
    const auto& moved = std::get<LoadRedistributor::Moved>(outcome);
    json::Writer out;
    out.begin_object()
        .member("movedEndpoints", moved.endpoints)
        .member("conferences", moved.conferences)
        .end_object();
    return HttpResponse::json(out.str());
}

std::optional<xmpp::Jid> room_of(const std::string& text) {
    const auto jid = xmpp::Jid::parse(text);
    if (!jid || jid->node().empty()) return {};
    return jid->bare();
}

template <class Number>
std::optional<Number> number_of(const std::string& text, Number absent) {
    if (text.empty()) return absent;
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= Number{})) return {};
    return value;
}

awaitable<HttpResponse> serve(Answer with, LoadRedistributor& mover, HttpRequest request) {
    co_return with(mover, request);
}

}  // namespace

HttpResponse move_endpoint(LoadRedistributor& mover, const HttpRequest& request) {
    if (request.parameter("conference").empty()) return missing("conference");
    if (request.parameter("endpoint").empty()) return missing("endpoint");
    const auto room = room_of(request.parameter("conference"));
    if (!room) return invalid("conference ID");
    return answer(mover.move_endpoint(*room, request.parameter("endpoint"),
                                      request.parameter("bridge")));
}

HttpResponse move_endpoints(LoadRedistributor& mover, const HttpRequest& request) {
    if (request.parameter("bridge").empty()) return missing("bridge");
    std::optional<xmpp::Jid> room;
    if (!request.parameter("conference").empty()) {
        room = room_of(request.parameter("conference"));
        if (!room) return invalid("conference ID");
    }
    const auto count = number_of(request.parameter("numEndpoints"), 1);
    if (!count) return invalid("numEndpoints");
    return answer(mover.move_endpoints(request.parameter("bridge"), room, *count));
}

HttpResponse move_fraction(LoadRedistributor& mover, const HttpRequest& request) {
    if (request.parameter("bridge").empty()) return missing("bridge");
    const auto fraction = number_of(request.parameter("fraction"), 0.1);
    if (!fraction) return invalid("fraction");
    return answer(mover.move_fraction(request.parameter("bridge"), *fraction));
}

void add_move_routes(HttpServer& server, LoadRedistributor& mover) {
    const auto get = [&](const char* path, Answer with) {
        server.route("GET", path, [&mover, with](HttpRequest request) {
            return serve(with, mover, std::move(request));
        });
    };
    get("/move-endpoints/move-endpoint", &move_endpoint);
    get("/move-endpoints/move-endpoints", &move_endpoints);
    get("/move-endpoints/move-fraction", &move_fraction);
}

}  // namespace jmeet::focus
