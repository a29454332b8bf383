// What a simulated call showed: how fast the estimate came near the link, how near it stayed, how
// much queue it made.
#pragma once

#include "tests/net/call.hpp"

namespace jmeet::test {

struct Measure {
    double share = 0;       // mean of estimate / available over the given time
    double wire = 0;        // of available: what passed the bottleneck, with repairs and padding
    Duration reached{-1};   // from `from` until the estimate first is 85 % of what is available
    Duration settled{-1};   // from `from` until it is below the link and the queue below 100 ms
    Duration queue_p95{};
    Duration queue_max{};
    std::int64_t lowest_bps = 0;
    std::int64_t highest_bps = 0;
    double padding = 0;  // share of padding in what was sent
    double lost = 0;     // share of packets that did not arrive
};

// Over [from, to) of the call; `available` is the rate that could be had.
Measure measure(const Call& call, Duration from, Duration to, std::int64_t available);

}  // namespace jmeet::test
