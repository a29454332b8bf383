// How loaded this machine is: the CPU, the packet rate, and the one number that selection uses.
//
// Pure: the kernel's line and counts in, fractions out; owned by Bridge, control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace jmeet::bridge {

// Usage of all cores between two readings of the aggregate "cpu " line of /proc/stat: everything
// but idle and iowait counts, so time stolen by a hypervisor does too.
class CpuMeter {
 public:
    // The fraction since the last reading; 0 for the first one and for a line that cannot be read.
    double sample(std::string_view proc_stat);
    // What a hypervisor took away between the last two readings, of all numbers of the line.
    double steal() const { return steal_; }

 private:
    struct Reading {
        std::uint64_t total = 0;
        std::uint64_t idle = 0;
        std::uint64_t steal = 0;
        std::uint64_t all = 0;  // with guests, which are in user as well
    };
    static std::optional<Reading> read(std::string_view proc_stat);

    std::optional<Reading> last_;
    double steal_ = 0;
};

struct LoadThresholds {
    double cpu = 0.9;  // videobridge.load-management.load-measurements.cpu-usage.load-threshold
    double packets_per_second = 50'000;
};

// The greater of the two loads, each relative to its threshold; may exceed 1.
double stress_of(double cpu, double packets_per_second, const LoadThresholds& thresholds);

}  // namespace jmeet::bridge
