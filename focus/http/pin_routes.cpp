#include "focus/http/pin_routes.hpp"

#include <ctime>

#include "base/json.hpp"
#include "focus/http/bad_request.hpp"

namespace jmeet::focus {
namespace {

// LIMIT: a pin is for a roll-out, not for ever: a year.
constexpr std::int64_t kMaxMinutes = 365 * 24 * 60;

std::string iso_time(BridgePins::Time time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[sizeof "2026-08-20T13:06:42Z"];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

Result<xmpp::Jid> room_of(const json::Document& body) {
    const auto text = json::get_string(body, "conferenceId");
    const auto room = xmpp::Jid::parse(text.value_or(""));
    if (!room || room->node().empty()) return fail("conferenceId is not the JID of a room");
    return room->bare();
}

awaitable<HttpResponse> ready(HttpResponse response) { co_return response; }

}  // namespace

HttpResponse list_pins(BridgePins& pins, BridgePins::Time now) {
    json::Writer out;
    out.begin_array();
    for (const BridgePins::Pin& pin : pins.all(now)) {
        out.begin_object();
        out.member("conferenceId", pin.conference.to_string());
        out.member("jvbVersion", pin.version);
        out.member("expiresAt", iso_time(pin.expires)).end_object();
    }
    out.end_array();
    return HttpResponse::json(out.str());
}

HttpResponse set_pin(BridgePins& pins, const std::string& body, BridgePins::Time now) {
    const auto parsed = json::parse_object(body);
    if (!parsed) return bad_request(parsed.error().what);
    const auto room = room_of(*parsed);
    if (!room) return bad_request(room.error().what);
    const auto version = json::get_string(*parsed, "jvbVersion");
    const auto minutes = json::get_int(*parsed, "durationMinutes");
    if (!version || version->empty()) return bad_request("jvbVersion is missing");
    if (!minutes || *minutes < 0 || *minutes > kMaxMinutes) {
        return bad_request("durationMinutes is not between 0 and " + std::to_string(kMaxMinutes));
    }
    if (!pins.set(*room, std::string(*version), std::chrono::minutes(*minutes), now)) {
        return bad_request("there are too many pins");
    }
    return HttpResponse::empty(200);
}

HttpResponse remove_pin(BridgePins& pins, const std::string& body) {
    const auto parsed = json::parse_object(body);
    if (!parsed) return bad_request(parsed.error().what);
    const auto room = room_of(*parsed);
    if (!room) return bad_request(room.error().what);
    pins.remove(*room);
    return HttpResponse::empty(200);
}

void install_pin_routes(HttpServer& server, BridgePins& pins) {
    using std::chrono::system_clock;
    server.route("GET", "/pin", [&pins](const HttpRequest&) {
        return ready(list_pins(pins, system_clock::now()));
    });
    server.route("POST", "/pin", [&pins](const HttpRequest& request) {
        return ready(set_pin(pins, request.body, system_clock::now()));
    });
    server.route("POST", "/pin/remove", [&pins](const HttpRequest& request) {
        return ready(remove_pin(pins, request.body));
    });
}

}  // namespace jmeet::focus
