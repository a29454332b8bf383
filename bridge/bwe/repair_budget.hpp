// How much of the link may go into sending lost packets again.
//
// One per endpoint, on its media worker; no allocation. What a full queue drops is asked for again,
// and answering all of it keeps the queue full: repairs get what the estimate leaves beside the
// media, and at least a fifth of it. Who is refused asks again a round trip later (RFC 4585
// section 3.5 leaves the answer to the sender).
// LIMIT: kBurst of that rate at once, and never less than kLeast bytes: one frame.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::bridge {

class RepairBudget {
 public:
    // Without an estimate there is no limit.
    bool allows(std::optional<std::int64_t> estimate_bps, std::int64_t media_bps, TimePoint now) {
        if (!estimate_bps) return true;
        const auto estimate = static_cast<double>(*estimate_bps);
        const double rate =
            std::max(estimate - static_cast<double>(media_bps), kLeastShare * estimate) / 8;
        const double most = std::max(kLeast, rate * kBurst);
        bytes_ = last_ ? bytes_ + rate * std::chrono::duration<double>(now - *last_).count() : most;
        bytes_ = std::min(bytes_, most);
        last_ = now;
        return bytes_ > 0;
    }
    void on_sent(std::size_t bytes) { bytes_ -= static_cast<double>(bytes); }

 private:
    static constexpr double kLeastShare = 0.2;
    static constexpr double kBurst = 0.25;  // seconds
    static constexpr double kLeast = 6'000;

    double bytes_ = 0;
    std::optional<TimePoint> last_;
};

}  // namespace jmeet::bridge
