// How long packets stay inside: from the read that brought a batch to the end of the sends that it
// caused. A histogram that stands as long as the worker; one clock read per batch.
//
// Plain integers of one media worker, copied with its report. What waits in the kernel before the
// read is not seen here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace jmeet::bridge {

class TransitTimes {
 public:
    // Upper bounds of the buckets; one more bucket takes what is above.
    static constexpr std::array<std::int64_t, 13> kBoundsUs = {
        10, 20, 50, 100, 200, 500, 1'000, 2'000, 5'000, 10'000, 20'000, 50'000, 100'000};

    void add(Duration time, std::uint64_t packets) {
        const auto us = std::chrono::duration_cast<microseconds>(time).count();
        std::size_t at = 0;
        while (at < kBoundsUs.size() && us > kBoundsUs[at]) ++at;
        counts_[at] += packets;
        sum_us_ += static_cast<std::uint64_t>(us) * packets;
    }

    TransitTimes& operator+=(const TransitTimes& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        sum_us_ += other.sum_us_;
        return *this;
    }

    // Not cumulative.
    std::uint64_t in_bucket(std::size_t bucket) const { return counts_[bucket]; }
    std::uint64_t sum_us() const { return sum_us_; }
    std::uint64_t count() const {
        std::uint64_t sum = 0;
        for (const auto n : counts_) sum += n;
        return sum;
    }
    // Within a bucket packets count as evenly spread; the last one answers its lower bound.
    // Without any packet: the last bound.
    microseconds quantile(double q) const {
        double left = q * static_cast<double>(count());
        for (std::size_t i = 0; i < kBoundsUs.size(); ++i) {
            const auto n = static_cast<double>(counts_[i]);
            const auto low = static_cast<double>(i == 0 ? 0 : kBoundsUs[i - 1]);
            const auto width = static_cast<double>(kBoundsUs[i]) - low;
            if (n > 0 && left <= n) {
                return microseconds(static_cast<std::int64_t>(low + width * left / n));
            }
            left -= n;
        }
        return microseconds(kBoundsUs.back());
    }

 private:
    std::array<std::uint64_t, kBoundsUs.size() + 1> counts_{};
    std::uint64_t sum_us_ = 0;
};

}  // namespace jmeet::bridge
