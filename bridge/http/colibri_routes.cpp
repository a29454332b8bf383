#include "bridge/http/colibri_routes.hpp"

#include "base/text.hpp"
#include "bridge/http/debug_json.hpp"
#include "xmpp/colibri2_json.hpp"

namespace jmeet::bridge {

namespace c2 = xmpp::colibri2;

namespace {

constexpr std::string_view kConferences = "/colibri/v2/conferences";
constexpr std::string_view kSpeech = "/dominant-speaker-identification";

// What stands behind ".../conferences/" ; empty for the collection itself.
std::string meeting_id(const HttpRequest& request) {
    if (request.path.size() <= kConferences.size() + 1) return {};
    return request.path.substr(kConferences.size() + 1);
}

bool is_json(const std::string& content_type) {
    const auto type = std::string_view(content_type).substr(0, content_type.find(';'));
    return equals_ignoring_case(trimmed(type), "application/json");
}

HttpResponse refuse(const std::string& text) {
    HttpResponse answer = HttpResponse::text(text, 400);
    answer.reason = "Failed to create conference: " + text;
    return answer;
}

}  // namespace

ColibriRoutes::ColibriRoutes(Bridge& bridge)
    : bridge_(bridge), log_(log::Program::bridge, "Colibri2Rest") {}

void ColibriRoutes::add_to(HttpServer& server) {
    const auto add = [&](const char* method, std::string path,
                         awaitable<HttpResponse> (ColibriRoutes::*handler)(HttpRequest)) {
        server.route(method, std::move(path),
                     [this, handler](HttpRequest r) { return (this->*handler)(std::move(r)); });
    };
    const std::string all(kConferences);
    add("POST", all, &ColibriRoutes::create);
    add("GET", all, &ColibriRoutes::read);
    add("POST", all + "/", &ColibriRoutes::create);
    add("GET", all + "/", &ColibriRoutes::read);
    add("PATCH", all + "/*", &ColibriRoutes::update);
    add("GET", all + "/*", &ColibriRoutes::read);
}

awaitable<HttpResponse> ColibriRoutes::create(HttpRequest request) {
    co_return co_await modify(std::move(request), {});
}

awaitable<HttpResponse> ColibriRoutes::update(HttpRequest request) {
    std::string id = meeting_id(request);
    if (!bridge_.has_conference(id)) co_return HttpResponse::empty(404);
    co_return co_await modify(std::move(request), std::move(id));
}

// COMPAT: a JVB never built the reading of conferences, but for who speaks; /debug has the rest.
awaitable<HttpResponse> ColibriRoutes::read(HttpRequest request) {
    const std::string id = meeting_id(request);
    if (id.ends_with(kSpeech)) {
        const auto view = co_await bridge_.view(id.substr(0, id.size() - kSpeech.size()));
        if (!view) co_return HttpResponse::empty(404);
        json::Writer out;
        write_speech(out, *view);
        co_return HttpResponse::json(out.str());
    }
    co_return HttpResponse::empty(id.empty() || bridge_.has_conference(id) ? 501 : 404);
}

awaitable<HttpResponse> ColibriRoutes::modify(HttpRequest request, std::string meeting_id) {
    if (!is_json(request.header("content-type"))) co_return HttpResponse::empty(415);
    auto element = c2::read_json_request(request.body);
    if (!element) co_return refuse(element.error().what);
    if (!meeting_id.empty()) element->set("meeting-id", meeting_id);
    auto modification = c2::parse_conference_modify(*element);
    if (!modification) co_return refuse(modification.error().what);

    const std::string conference = modification->meeting_id;
    const auto answer = co_await bridge_.modify(*std::move(modification));
    if (!answer) {
        log_.warning("conference-modify over HTTP by {} for {} refused: {}", request.remote_address,
                     conference, answer.error().text);
        co_return refuse(answer.error().text.empty() ? answer.error().condition
                                                     : answer.error().text);
    }
    co_return HttpResponse::json(c2::write_json(c2::write(*answer)));
}

}  // namespace jmeet::bridge
