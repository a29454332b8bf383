// Bits per second over a sliding window: how all bitrates of streams and layers are measured.
//
// The sum of the last second in buckets of 20 ms, divided by the window or by the time since the
// first update if that is shorter (never less than one bucket). An empty window starts anew.
// Value type of about 250 bytes, no allocation; one owner, on the media worker.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace jmeet::bridge {

class RateMeter {
 public:
    static constexpr Duration kWindow = seconds(1);
    static constexpr Duration kBucket = milliseconds(20);

    // Updates older than the window are ignored.
    void add(std::size_t bytes, TimePoint now);
    std::uint64_t bps(TimePoint now);
    bool active(TimePoint now) { return bps(now) > 0; }

 private:
    static constexpr std::size_t kBuckets = kWindow / kBucket;
    static std::int64_t bucket_of(TimePoint at) { return at.time_since_epoch() / kBucket; }
    void advance(std::int64_t bucket);

    std::array<std::uint32_t, kBuckets> buckets_{};
    std::uint64_t sum_ = 0;
    std::int64_t newest_ = 0;  // number of the newest bucket
    TimePoint start_{};
    bool started_ = false;
};

}  // namespace jmeet::bridge
