// How often a client may ask for a restart: Jitsi's rule. The first request is accepted; later
// ones not within min_interval of the last accepted one, and not while max_requests accepted ones
// lie within the interval. Refused requests leave no trace.
//
// A value, two per participant (session restarts, in-place ICE restarts). Control thread.
#pragma once

#include <deque>

#include "base/clock.hpp"
#include "focus/focus_config.hpp"

namespace jmeet::focus {

class RateLimit {
 public:
    explicit RateLimit(const ConferenceConfig& config)
        : min_interval_(config.restart_min_interval),
          max_requests_(static_cast<std::size_t>(std::max(config.restart_max_requests, 1))),
          interval_(config.restart_interval) {}

    bool accept(TimePoint now) {
        if (!accepted_.empty() && now - accepted_.back() < min_interval_) return false;
        while (!accepted_.empty() && now - accepted_.front() > interval_) accepted_.pop_front();
        if (accepted_.size() >= max_requests_) return false;
        accepted_.push_back(now);
        return true;
    }

 private:
    Duration min_interval_;
    std::size_t max_requests_;
    Duration interval_;
    std::deque<TimePoint> accepted_;  // LIMIT: max_requests_
};

}  // namespace jmeet::focus
