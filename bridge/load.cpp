#include "bridge/load.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace jmeet::bridge {

std::optional<CpuMeter::Reading> CpuMeter::read(std::string_view proc_stat) {
    if (!proc_stat.starts_with("cpu ")) return std::nullopt;
    std::string_view line = proc_stat.substr(4, proc_stat.substr(4).find('\n'));
    Reading reading;
    int fields = 0;
    for (;;) {
        const auto start = line.find_first_not_of(' ');
        if (start == std::string_view::npos) break;
        line.remove_prefix(start);
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
        if (error != std::errc{}) return std::nullopt;
        line.remove_prefix(static_cast<std::size_t>(end - line.data()));
        if (!line.empty() && line.front() != ' ') return std::nullopt;
        // user nice system idle iowait irq softirq steal guest guest_nice; guest is in user.
        if (fields < 8) reading.total += value;
        if (fields == 3 || fields == 4) reading.idle += value;
        if (fields == 7) reading.steal = value;
        reading.all += value;
        ++fields;
    }
    if (fields < 8) return std::nullopt;
    return reading;
}

double CpuMeter::sample(std::string_view proc_stat) {
    steal_ = 0;
    const auto reading = read(proc_stat);
    if (!reading) return 0;
    const auto last = std::exchange(last_, reading);
    if (last && reading->all > last->all && reading->steal > last->steal) {
        steal_ = static_cast<double>(reading->steal - last->steal) /
                 static_cast<double>(reading->all - last->all);
    }
    if (!last || reading->total <= last->total || reading->idle < last->idle) return 0;
    const auto total = static_cast<double>(reading->total - last->total);
    const auto idle = static_cast<double>(reading->idle - last->idle);
    return std::clamp(1.0 - idle / total, 0.0, 1.0);
}

double stress_of(double cpu, double packets_per_second, const LoadThresholds& thresholds) {
    return std::max(cpu / thresholds.cpu, packets_per_second / thresholds.packets_per_second);
}

}  // namespace jmeet::bridge
