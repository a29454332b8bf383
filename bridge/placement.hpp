// Placement: which media worker a new conference gets: the one that has least to do.
//
// Pure; owned by MediaWorkers, control thread. A conference stays where it was put, so what counts
// is what a worker does now and what those that it was given lately will do once people have come.
#pragma once

#include <deque>
#include <vector>

#include "base/clock.hpp"
#include "bridge/net/directory.hpp"

namespace jmeet::bridge {

class Placement {
 public:
    // LIMIT: a young conference counts like three people with cameras, in packets per second, in
    // and out; after that time its packets are in the worker's own rate.
    static constexpr double kExpectedRate = 1'500;
    static constexpr seconds kYoung{30};

    explicit Placement(std::size_t workers) : loads_(workers) {}

    // Also notes that it goes there.
    WorkerIndex place(TimePoint now);
    void remove(WorkerIndex worker) { --loads_[worker].conferences; }
    // In and out, as last measured.
    void set_rate(WorkerIndex worker, double packets_per_second) {
        loads_[worker].rate = packets_per_second;
    }

 private:
    struct Load {
        double rate = 0;
        std::size_t conferences = 0;
        std::deque<TimePoint> young;  // when it was given conferences, the older first
        double expected() const { return rate + kExpectedRate * static_cast<double>(young.size()); }
    };
    std::vector<Load> loads_;
};

}  // namespace jmeet::bridge
