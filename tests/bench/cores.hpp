// Where a bench runs and what it costs: pinning, CPU time of one thread, busy time of one core.
// Linux only, one process; functions throw std::runtime_error where /proc does not say.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace jmeet::bench {

// The thread of this process with that name.
pid_t find_thread(const std::string& name);
// 0: the calling thread.
void pin(pid_t thread, int core);

// Nanoseconds of CPU that the thread has used, user and system.
std::int64_t thread_cpu_ns(pid_t thread);
// All threads of a process.
std::int64_t process_cpu_ns(pid_t process);
// The same of the calling thread.
std::int64_t own_cpu_ns();
// Nanoseconds that the core was not idle, whoever used it, soft interrupts included; the kernel
// counts in ticks of 10 ms.
std::int64_t core_busy_ns(int core);

// Resident bytes of a process that it shares with nobody, and all that it has resident.
struct Resident {
    std::int64_t own = 0;
    std::int64_t all = 0;
};
Resident resident(pid_t process);

}  // namespace jmeet::bench
