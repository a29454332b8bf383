// The links on which the estimator is judged, with what may be expected of each.
#pragma once

#include <string>
#include <vector>

#include "tests/net/call.hpp"
#include "tests/net/measure.hpp"

namespace jmeet::test {

struct Scenario {
    std::string name;
    CallConfig config{};
    Duration length = seconds(60);
    std::int64_t available = 0;  // at first
    CrossTraffic cross{};
    // A step of the link, or of what others leave.
    Duration step{-1};
    std::int64_t after = 0;   // the link's rate after the step
    std::int64_t left = 0;    // what may be expected of it, when that is not all of it
    Duration stall_every{};   // nothing arrives for stall_time
    Duration stall_time{};
};

std::vector<Scenario> fixed_links();
std::vector<Scenario> steps();
std::vector<Scenario> losses();
std::vector<Scenario> disturbances();
std::vector<Scenario> shares();
std::vector<Scenario> all_scenarios();

struct Outcome {
    Measure whole;
    Measure start;   // until the step
    Measure steady;  // from 10 s on, or 10 s after the step
    Measure step;    // from the step on
};
// The steady queue (p95) that the video alone makes when its sender knows what is available and
// keeps to this share of it.
Duration queue_of_video(const Scenario& scenario, double share);

Outcome play(const Scenario& scenario, bridge::BandwidthEstimator& estimator);

}  // namespace jmeet::test
