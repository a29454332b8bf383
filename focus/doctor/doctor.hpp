// `jmeet doctor`: examines an installation from this host and says in sentences what is wrong and
// what mends it. It changes nothing, and disturbs nobody who runs.
//
// Called by main in place of serving; ends by itself, within its time limit.
#pragma once

#include <vector>

#include "base/options.hpp"
#include "focus/doctor/findings.hpp"

namespace jmeet::doctor {

std::vector<Option> doctor_options();

// For scripts: 0 nothing is wrong, 1 something is, 2 the settings cannot be read.
inline constexpr int kAllFine = 0;
inline constexpr int kSomethingWrong = 1;
inline constexpr int kNotExamined = 2;

int run_doctor(const Options& options, const Findings::Printer& print);

}  // namespace jmeet::doctor
