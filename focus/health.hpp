// Whether the focus can serve a meeting: at intervals it opens a room as it would for a meeting,
// and asks the server for a sign of life.
//
// Owned by Services; control thread. Jicofo's health check, with a room that is left at once: no
// participant can be in it. XEP-0045, XEP-0199.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "focus/focus_config.hpp"
#include "xmpp/client.hpp"

namespace jmeet::focus {

// As GET /about/health and /stats show it.
struct HealthResult {
    bool success = true;
    bool hard_failure = true;  // without success: 500, else 503
    std::optional<int> response_code;
    bool sticky = false;
    std::string message;
    int status() const;
};
HealthResult unhealthy(std::string message);

class HealthCheck {
 public:
    HealthCheck(xmpp::Client& client, const FocusConfig& config);

    // Checks every health_interval, for ever.
    awaitable<void> run();
    // Of the last check, unless that is long ago.
    HealthResult latest(TimePoint now) const;
    // Checks that took longer than health_max_duration.
    std::uint64_t slow() const { return slow_; }

 private:
    awaitable<HealthResult> check();
    awaitable<HealthResult> open_room();
    awaitable<HealthResult> ping();

    xmpp::Client& client_;
    const FocusConfig& config_;
    log::Logger log_;
    HealthResult last_;
    std::optional<TimePoint> finished_;
    std::uint64_t slow_ = 0;
};

}  // namespace jmeet::focus
