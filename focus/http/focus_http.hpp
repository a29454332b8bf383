// The focus' HTTP side: health, version, statistics, metrics, debug, and conference requests by
// POST /conference-request/v1. Paths, statuses and bodies are Jicofo's.
//
// Owned by main, beside the HttpServer; control thread.
#pragma once

#include <string>

#include "base/http_server.hpp"
#include "focus/services.hpp"

namespace jmeet::focus {

class FocusHttp {
 public:
    explicit FocusHttp(Services& services);

    // Before the server listens.
    void install(HttpServer& server);

    HttpResponse health() const;
    HttpResponse version() const;
    HttpResponse stats() const;
    // `accept`: the header.
    HttpResponse metrics(const std::string& accept = {}) const;
    HttpResponse rtcstats() const;
    HttpResponse debug(const HttpRequest& request) const;
    HttpResponse debug_conferences() const;
    HttpResponse debug_conferences_full() const;
    HttpResponse debug_conference(const std::string& room) const;
    HttpResponse debug_caps() const;
    awaitable<HttpResponse> conference_request(HttpRequest request);

 private:
    using Answer = HttpResponse (FocusHttp::*)(const HttpRequest&) const;
    awaitable<HttpResponse> answer(HttpRequest request, Answer answer_with);

    HttpResponse get_health(const HttpRequest&) const { return health(); }
    HttpResponse get_version(const HttpRequest&) const { return version(); }
    HttpResponse get_stats(const HttpRequest&) const { return stats(); }
    HttpResponse get_conferences(const HttpRequest&) const { return debug_conferences(); }
    HttpResponse get_conferences_full(const HttpRequest&) const { return debug_conferences_full(); }
    HttpResponse get_rtcstats(const HttpRequest&) const { return rtcstats(); }
    HttpResponse get_conference(const HttpRequest& request) const;
    HttpResponse get_options(const HttpRequest&) const;
    HttpResponse get_caps(const HttpRequest&) const { return debug_caps(); }
    HttpResponse get_metrics(const HttpRequest& request) const {
        return metrics(request.header("accept"));
    }

    Services& services_;
};

}  // namespace jmeet::focus
