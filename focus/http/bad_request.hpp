// Jicofo's answer to a request that it cannot take. Pure.
#pragma once

#include <string>

#include "base/http_server.hpp"

namespace jmeet::focus {

inline HttpResponse bad_request(const std::string& why) {
    return HttpResponse::text("Bad request: " + why, 400);
}

}  // namespace jmeet::focus
