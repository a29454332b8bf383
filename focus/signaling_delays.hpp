// How long sources are gathered before they are signalled, by the size of a conference, as
// operators write it: { 50 = 500, 100 = 1000 }: 500 ms from 50 participants on.
//
// Pure values; set-up only.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/result.hpp"

namespace jmeet::focus {

// ":" may stand for "=", quotes and braces may be missing; the error names what is wrong.
Result<std::map<int, std::chrono::milliseconds>> parse_signaling_delays(const std::string& text);

}  // namespace jmeet::focus
