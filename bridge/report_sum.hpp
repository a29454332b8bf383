// ReportSum: the reports of several media workers as one.
//
// Pure; owned by MediaWorkers, control thread. A sum is made when every worker has reported since
// the last one, so that rates made of two sums see the same time of each.
#pragma once

#include <optional>
#include <vector>

#include "bridge/media_api.hpp"

namespace jmeet::bridge {

class ReportSum {
 public:
    explicit ReportSum(std::size_t workers) : latest_(workers) {}

    std::optional<MediaReport> add(WorkerIndex worker, const MediaReport& report);
    // What the worker has received and sent per second between its last two reports.
    double packet_rate(WorkerIndex worker) const { return latest_[worker].packets_per_second; }

 private:
    struct Latest {
        MediaReport report;
        double packets_per_second = 0;
        bool seen = false;   // ever
        bool fresh = false;  // since the last sum
    };
    std::vector<Latest> latest_;
};

}  // namespace jmeet::bridge
