// The meeting page: files of deploy/meet/dist, what the page must know as /config.json, and
// /xmpp-websocket handed on to Prosody. Any other path is a room's name and gets the page.
//
// Control thread; owned by main. Files are read once, at start: LIMIT 8 MiB together.
#pragma once

#include <map>
#include <string>

#include "base/http_server.hpp"
#include "base/result.hpp"
#include "focus/options.hpp"

namespace jmeet::focus {

class MeetPage {
 public:
    // Throws std::runtime_error with one sentence where a file cannot be read.
    explicit MeetPage(MeetConfig config);

    void add_routes(HttpServer& server) const;
    // Opens the ports that the configuration names.
    Result<void> listen(HttpServer& server) const;

 private:
    awaitable<HttpResponse> serve(HttpRequest request) const;
    awaitable<HttpResponse> serve_config(HttpRequest request) const;

    MeetConfig config_;
    std::map<std::string, HttpResponse> files_;  // by path, "/index.html"
    std::string config_json_;
};

}  // namespace jmeet::focus
