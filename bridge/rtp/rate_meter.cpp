#include "bridge/rtp/rate_meter.hpp"

#include <algorithm>

namespace jmeet::bridge {

void RateMeter::advance(std::int64_t bucket) {
    if (bucket <= newest_) return;
    const std::int64_t steps =
        std::min<std::int64_t>(bucket - newest_, static_cast<std::int64_t>(kBuckets));
    for (std::int64_t i = 0; i < steps; ++i) {
        std::uint32_t& old = buckets_[static_cast<std::size_t>((bucket - i) % kBuckets)];
        sum_ -= old;
        old = 0;
    }
    newest_ = bucket;
    if (sum_ == 0) started_ = false;
}

void RateMeter::add(std::size_t bytes, TimePoint now) {
    const std::int64_t bucket = bucket_of(now);
    advance(bucket);
    if (bucket + static_cast<std::int64_t>(kBuckets) <= newest_) return;
    if (!started_) {
        started_ = true;
        start_ = now;
    }
    buckets_[static_cast<std::size_t>(bucket % kBuckets)] += static_cast<std::uint32_t>(bytes);
    sum_ += bytes;
}

std::uint64_t RateMeter::bps(TimePoint now) {
    advance(bucket_of(now));
    if (!started_) return 0;
    const Duration time = std::clamp(now - start_, kBucket, kWindow);
    const auto us = std::chrono::duration_cast<microseconds>(time).count();
    return sum_ * 8 * 1'000'000 / static_cast<std::uint64_t>(us);
}

}  // namespace jmeet::bridge
