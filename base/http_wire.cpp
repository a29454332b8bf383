#include "base/http_wire.hpp"

#include "base/text.hpp"

namespace jmeet {

namespace http = boost::beast::http;

namespace {

const std::string kEmptyText;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' && plus_is_space ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace

HttpRequest read_request(const WireRequest& from, std::string remote_address) {
    HttpRequest request;
    request.method = std::string(from.method_string());
    std::string_view target(from.target());
    std::string_view query;
    if (const auto at = target.find('?'); at != std::string_view::npos) {
        query = target.substr(at + 1);
        target = target.substr(0, at);
    }
    request.path = percent_decode(target, false);
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        if (equals == 0) continue;
        request.query[percent_decode(pair.substr(0, equals), true)] =
            percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    for (const auto& field : from) {
        request.headers[lower(field.name_string())] = std::string(field.value());
    }
    request.body = from.body();
    request.remote_address = std::move(remote_address);
    return request;
}

namespace {

// A reason phrase ends where its line ends (RFC 9112 section 4).
std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return text;
}

WireResponse make_response(const HttpResponse& from, unsigned version) {
    WireResponse response(static_cast<http::status>(from.status), version);
    if (!from.body.empty()) response.set(http::field::content_type, from.content_type);
    for (const auto& [name, value] : from.headers) response.insert(name, value);
    if (!from.reason.empty()) response.reason(one_line(from.reason));
    return response;
}

void set_body(WireResponse& response, const std::string& body) {
    response.body() = body;
    response.prepare_payload();
}

}  // namespace

WireResponse write_response(const HttpResponse& answer, const WireRequest& to) {
    WireResponse response = make_response(answer, to.version());
    response.keep_alive(to.keep_alive());
    if (to.method() == http::verb::head) {
        response.content_length(answer.body.size());
    } else {
        set_body(response, answer.body);
    }
    return response;
}

WireResponse write_last_response(const HttpResponse& answer) {
    WireResponse response = make_response(answer, 11);
    response.keep_alive(false);
    set_body(response, answer.body);
    return response;
}

const std::string& HttpRequest::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? kEmptyText : found->second;
}

const std::string& HttpRequest::parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? kEmptyText : found->second;
}

HttpResponse HttpResponse::json(std::string body, int status) {
    return {status, "application/json", std::move(body), {}};
}
HttpResponse HttpResponse::text(std::string body, int status) {
    return {status, "text/plain;charset=utf-8", std::move(body), {}};
}
HttpResponse HttpResponse::empty(int status) { return {status, {}, {}, {}}; }

}  // namespace jmeet
