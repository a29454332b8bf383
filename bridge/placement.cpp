#include "bridge/placement.hpp"

#include <algorithm>
#include <tuple>

namespace jmeet::bridge {

WorkerIndex Placement::place(TimePoint now) {
    for (Load& load : loads_) {
        while (!load.young.empty() && now - load.young.front() >= kYoung) load.young.pop_front();
    }
    const auto least = std::ranges::min_element(loads_, [](const Load& a, const Load& b) {
        return std::tuple(a.expected(), a.conferences) < std::tuple(b.expected(), b.conferences);
    });
    least->young.push_back(now);
    ++least->conferences;
    return static_cast<WorkerIndex>(least - loads_.begin());
}

}  // namespace jmeet::bridge
