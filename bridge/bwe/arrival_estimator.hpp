// What the way from a sender to this bridge carries, for senders that get no transport-wide
// feedback: the delay between the send times that they stamp (abs-send-time) and the arrivals is
// followed here, where the packets come in (draft-alvestrand-rmcat-congestion-03 sections 4 and 5,
// with the trendline and the rate control of the sending side).
//
// One per such sender, on its media worker; allocates with the first packet only. Starts with the
// initial rate, as the bridge does for what it sends.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "bridge/bwe/acked_rate.hpp"
#include "bridge/bwe/delay_trend.hpp"
#include "bridge/bwe/rate_control.hpp"
#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

class ArrivalEstimator {
 public:
    explicit ArrivalEstimator(const EstimatorConfig& config = {}) : rate_(config) {}

    // `send_time`: 24 bits, seconds with 18 bits behind the point.
    void on_packet(std::uint32_t send_time, std::size_t size, TimePoint arrival);
    void on_rtt(Duration rtt) { rate_.on_rtt(rtt); }
    // Empty until ten packets are known, and when none has come for two seconds.
    std::optional<std::int64_t> estimate(TimePoint now) const;

 private:
    Unwrapper<24> send_times_;
    AckedRate received_;
    DelayTrend trend_;
    RateControl rate_;
    bool known_ = false;
    std::optional<TimePoint> last_packet_;
    TimePoint next_update_{};
};

}  // namespace jmeet::bridge
