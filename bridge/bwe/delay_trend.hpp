// Does a queue grow between this bridge and the receiver? The slope of the delay over the last
// groups of packets, against a threshold that adapts (the trendline filter of Google congestion
// control: Carlucci et al., "Analysis and Design of the Google Congestion Control", 2016).
//
// One per estimator; values in, a hypothesis out; no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "bridge/bwe/sent_packets.hpp"

namespace jmeet::bridge {

enum class LinkUse : std::uint8_t { normal, over, under };

class DelayTrend {
 public:
    // A received packet, in the order of the feedback.
    void on_received(const PacketResult& packet, TimePoint now);
    LinkUse hypothesis() const { return hypothesis_; }
    // Nothing was heard for long: what is known is too old to compare with.
    void reset();

 private:
    static constexpr std::size_t kPoints = 20;
    struct Group {
        TimePoint first_sent, last_sent;
        microseconds first_arrival{}, last_arrival{};
        TimePoint heard;
    };
    bool belongs(const PacketResult& packet) const;
    void close_group();
    void on_delta(double send_ms, double arrival_ms, double at_ms);
    double slope() const;
    void detect(double trend, double send_ms, double at_ms);
    void adapt(double modified, double at_ms);

    std::optional<Group> current_;
    std::optional<Group> previous_;
    int negative_in_a_row_ = 0;

    std::array<double, kPoints> x_{};
    std::array<double, kPoints> y_{};
    std::size_t points_ = 0;
    std::size_t next_point_ = 0;
    std::optional<microseconds> origin_;
    double accumulated_ = 0;
    double smoothed_ = 0;
    int deltas_ = 0;

    double threshold_ = 12.5;
    std::optional<double> last_adapt_ms_;
    double over_ms_ = -1;
    int over_count_ = 0;
    double last_trend_ = 0;
    LinkUse hypothesis_ = LinkUse::normal;
};

}  // namespace jmeet::bridge
