// Is less sent than the estimate allows? Then what is acknowledged says little about the link.
//
// One per estimator; no allocation. A budget is filled at 80 % of the estimate over half a second
// and emptied by what is sent: it begins with 40 % unused and ends with 60 % overdrawn, so that a
// key frame does not end it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::bridge {

class ApplicationLimit {
 public:
    void on_sent(std::uint64_t bytes, std::int64_t estimate_bps, TimePoint now);
    bool limited() const { return since_.has_value(); }
    std::optional<TimePoint> since() const { return since_; }

 private:
    double unused_ = 0;  // bytes
    std::optional<TimePoint> last_;
    std::optional<TimePoint> since_;
};

}  // namespace jmeet::bridge
