#include "tests/bench/cores.hpp"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace jmeet::bench {
namespace {

std::int64_t read_clock(clockid_t clock) {
    timespec at{};
    if (clock_gettime(clock, &at) != 0) throw std::runtime_error("no CPU clock of that thread");
    return at.tv_sec * std::int64_t{1'000'000'000} + at.tv_nsec;
}

}  // namespace

pid_t find_thread(const std::string& name) {
    // A thread that has just been made names itself a moment later.
    for (int attempt = 0; attempt < 100; ++attempt) {
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
            std::ifstream file(entry.path() / "comm");
            std::string comm;
            std::getline(file, comm);
            if (comm == name) return std::stoi(entry.path().filename().string());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("no thread " + name);
}

void pin(pid_t thread, int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(thread, sizeof set, &set) != 0) {
        throw std::runtime_error("cannot run on core " + std::to_string(core));
    }
}

std::int64_t thread_cpu_ns(pid_t thread) {
    // The kernel's own numbering of clocks: thread id inverted, per thread (4), scheduler time (2).
    return read_clock(static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3) | 6u));
}

std::int64_t process_cpu_ns(pid_t process) {
    clockid_t clock{};
    if (clock_getcpuclockid(process, &clock) != 0) throw std::runtime_error("no such process");
    return read_clock(clock);
}

std::int64_t own_cpu_ns() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

std::int64_t core_busy_ns(int core) {
    std::ifstream file("/proc/stat");
    const std::string wanted = "cpu" + std::to_string(core);
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string name;
        std::int64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0;
        words >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq;
        if (name != wanted) continue;
        const std::int64_t tick = 1'000'000'000 / sysconf(_SC_CLK_TCK);
        return (user + nice + system + irq + softirq) * tick;
    }
    throw std::runtime_error("no " + wanted + " in /proc/stat");
}

Resident resident(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
    Resident out;
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string name;
        std::int64_t kib = 0;
        words >> name >> kib;
        if (name == "Rss:") out.all = kib * 1024;
        if (name == "Private_Clean:" || name == "Private_Dirty:") out.own += kib * 1024;
    }
    return out;
}

}  // namespace jmeet::bench
