// Receiver reports of the bridge to one sending endpoint, every 500 ms: RFC 3550 section 6.4.2.
//
// One block per SSRC that received something since the last report. Nothing to say: no packet.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/receive/statistics.hpp"

namespace jmeet::bridge {

class RrGenerator {
 public:
    static constexpr Duration kInterval = milliseconds(500);

    bool due(TimePoint now) const { return now - last_ >= kInterval; }
    // Writes receiver reports of 31 blocks at most, one after the other, as far as `out` allows;
    // streams that found no room are first the next time. Bytes written, 0 for nothing to say.
    std::size_t write(Ssrc sender, std::span<StreamStatistics* const> streams, TimePoint now,
                      Bytes out);

 private:
    TimePoint last_{};
    std::size_t first_ = 0;  // where the next report starts
};

}  // namespace jmeet::bridge
