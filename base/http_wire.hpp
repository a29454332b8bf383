// Beast's messages to and from the values that handlers see. Pure.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "base/http_server.hpp"

namespace jmeet {

using WireRequest = boost::beast::http::request<boost::beast::http::string_body>;
using WireResponse = boost::beast::http::response<boost::beast::http::string_body>;

HttpRequest read_request(const WireRequest& from, std::string remote_address);

// The answer to this request: its version, its keep-alive, no body for HEAD.
WireResponse write_response(const HttpResponse& answer, const WireRequest& to);
// An answer after which the connection closes.
WireResponse write_last_response(const HttpResponse& answer);

}  // namespace jmeet
