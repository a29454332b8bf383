// An allocation in words: for a receiver and each source, which rule or limit chose the layer.
//
// Pure, any thread; for operators, never on the packet path. The allocator keeps values only; all
// wording stands here.
#pragma once

#include <string>
#include <vector>

#include "bridge/allocation/allocation.hpp"
#include "bridge/allocation/trigger.hpp"

namespace jmeet::bridge {

// One sentence on the bandwidth, one on last-N, then one per source in order of priority.
std::vector<std::string> explain(const Allocation& allocation, BandwidthRule rule);

}  // namespace jmeet::bridge
