#include "tests/net/measure.hpp"

#include <algorithm>
#include <limits>

namespace jmeet::test {

Measure measure(const Call& call, Duration from, Duration to, std::int64_t available) {
    Measure m;
    std::vector<Duration> queues;
    double sum = 0;
    std::uint64_t media = 0;
    std::uint64_t padding = 0;
    std::uint64_t carried = 0;
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;
    m.lowest_bps = std::numeric_limits<std::int64_t>::max();
    for (const Sample& s : call.samples()) {
        const Duration at = s.at.time_since_epoch();
        if (at < from || at >= to || s.estimate_bps == 0) continue;
        const double share = static_cast<double>(s.estimate_bps) / static_cast<double>(available);
        sum += share;
        queues.push_back(s.queue);
        media += s.media_bytes;
        padding += s.padding_bytes;
        carried += s.carried_bytes;
        packets += s.packets;
        lost += s.lost;
        m.lowest_bps = std::min(m.lowest_bps, s.estimate_bps);
        m.highest_bps = std::max(m.highest_bps, s.estimate_bps);
        if (m.reached < Duration(0) && share >= 0.85) m.reached = at - from;
        const bool good = share <= 1.05 && s.queue < milliseconds(100);
        if (m.settled < Duration(0) && good) m.settled = at - from;
    }
    if (queues.empty()) return m;
    m.share = sum / static_cast<double>(queues.size());
    // A sample is a hundredth of a second.
    m.wire = 800 * static_cast<double>(carried) / static_cast<double>(queues.size()) /
             static_cast<double>(available);
    std::sort(queues.begin(), queues.end());
    m.queue_p95 = queues[queues.size() * 95 / 100];
    m.queue_max = queues.back();
    m.padding = static_cast<double>(padding) / static_cast<double>(std::max<std::uint64_t>(
                                                    1, media + padding));
    m.lost = static_cast<double>(lost) / static_cast<double>(std::max<std::uint64_t>(1, packets));
    return m;
}

}  // namespace jmeet::test
