// Whether this bridge could serve a call now: judged from its candidates and from a probe that
// does on the media worker what a joining endpoint needs.
//
// Pure: the owner (Bridge, control thread) runs the probe between begin() and end(). Healthy until
// the first check has ended, as upstream.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "bridge/config.hpp"
#include "bridge/ice/candidate.hpp"

namespace jmeet::bridge {

class HealthCheck {
 public:
    static constexpr seconds kMaxDuration{3};

    explicit HealthCheck(const BridgeConfig& config)
        : config_(config), log_(log::Program::bridge, "HealthChecker") {}

    void set_candidates(std::vector<LocalCandidate> candidates);
    // The first check comes a second after start, so that an operator need not wait a minute.
    bool due(TimePoint now) const;
    void begin(TimePoint now);
    void end(TimePoint now);
    // The sentence for the health IQ and for GET /about/health.
    Result<void> result(TimePoint now) const;

 private:
    const BridgeConfig& config_;
    log::Logger log_;
    std::vector<LocalCandidate> candidates_;
    std::optional<TimePoint> begun_;  // a probe is under way
    std::optional<TimePoint> last_begin_;
    std::optional<TimePoint> last_end_;
    std::optional<Error> failure_;
};

}  // namespace jmeet::bridge
