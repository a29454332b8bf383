// Options of bandwidth allocation (videobridge.cc.* and videobridge.ssrc-limit.* of JVB).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::bridge {

struct AllocationConfig {
    double bwe_change_threshold = 0.15;
    std::int32_t default_max_height = 180;
    std::int32_t initial_max_height = 0;
    std::int32_t onstage_preferred_height = 360;
    double onstage_preferred_frame_rate = 30;
    bool allow_oversend_onstage = true;
    std::int64_t max_oversend_bitrate = 500'000;
    bool trust_bwe = true;
    seconds max_time_between_calculations{5};
    milliseconds initial_ignore_bwe{0};
    int initial_last_n = -1;
    int jvb_last_n = -1;
    std::optional<std::int64_t> assumed_bandwidth_limit;
    // Conference size (number of sources + 1) -> last-N; the entry with the greatest key <= size.
    std::map<int, int> conference_last_n_limits;
    int video_ssrc_limit = 50;
    int audio_ssrc_limit = 50;
};

}  // namespace jmeet::bridge
