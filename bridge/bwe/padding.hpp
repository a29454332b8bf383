// How much padding to send so that the estimate can climb to the next layer.
//
// One per endpoint, on its media worker, asked every 15 ms (padding-period). Without padding an
// estimate that follows what is acknowledged would never exceed what is being sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::bridge {

constexpr milliseconds kPaddingPeriod{15};

class PaddingBudget {
 public:
    // Bytes to send now; the fraction is carried over. 0 when every wanted layer is sent already,
    // or the estimate covers them all.
    std::size_t bytes(std::int64_t ideal_bps, std::int64_t target_bps,
                      std::optional<std::int64_t> estimate_bps, TimePoint now);
    // More (or less) than asked for went out: the next ones are that much shorter. A train of
    // probes counts: what it left in the queue goes while there is no padding.
    void on_surplus(double bytes) { carry_ -= bytes; }

 private:
    std::optional<TimePoint> last_;
    double carry_ = 0;
};

}  // namespace jmeet::bridge
