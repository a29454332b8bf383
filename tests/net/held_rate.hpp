// An estimator that always says the same rate and sends no padding: what queue the video alone
// makes, where nobody estimates anything.
#pragma once

#include "bridge/bwe/estimator.hpp"

namespace jmeet::test {

class HeldRate final : public bridge::BandwidthEstimator {
 public:
    explicit HeldRate(std::int64_t bps) : bps_(bps) {}
    void on_negotiated() override {}
    void on_transport_feedback(std::span<const bridge::PacketResult>, TimePoint) override {}
    void on_loss_report(std::uint32_t, std::uint32_t, TimePoint) override {}
    void on_remb(std::int64_t, TimePoint) override {}
    void on_rtt(Duration) override {}
    void on_time(TimePoint) override {}
    std::optional<std::int64_t> estimate() const override { return bps_; }

 private:
    std::int64_t bps_;
};

}  // namespace jmeet::test
