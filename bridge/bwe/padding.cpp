#include "bridge/bwe/padding.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {
constexpr double kLongestAdvance = 0.5;  // seconds
}

std::size_t PaddingBudget::bytes(std::int64_t ideal_bps, std::int64_t target_bps,
                                 std::optional<std::int64_t> estimate_bps, TimePoint now) {
    const Duration elapsed = last_ ? now - *last_ : Duration(kPaddingPeriod);
    last_ = now;
    const std::int64_t needed = ideal_bps - target_bps;
    if (needed < 1 || !estimate_bps || ideal_bps <= *estimate_bps) {
        carry_ = std::min(carry_, 0.0);
        return 0;
    }
    const std::int64_t rate = std::min(needed, *estimate_bps - target_bps);
    if (rate <= 0) return 0;
    // LIMIT: a late timer does not answer with a burst.
    const double time = std::min(std::chrono::duration<double>(elapsed).count(), 0.1);
    carry_ += static_cast<double>(rate) * time / 8;
    // LIMIT: bytes that could not be sent are not owed for ever, and a train does not end the
    // padding for long.
    carry_ = std::clamp(carry_, -kLongestAdvance * static_cast<double>(rate) / 8, 20'000.0);
    if (carry_ < 1) return 0;
    const auto whole = static_cast<std::size_t>(carry_);
    carry_ -= static_cast<double>(whole);
    return whole;
}

}  // namespace jmeet::bridge
