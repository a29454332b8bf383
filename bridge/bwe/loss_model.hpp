// How much of the loss does our own rate cause? A model with two unknowns, the loss that the link
// has anyway and the bandwidth above which it loses the rest, is fitted to what was sent and lost.
//
// One per estimator; no allocation. A link that loses 5 % at any rate keeps its bandwidth; one
// that begins to lose when more is sent is held below that point. The rules are those of the
// second loss-based controller of libwebrtc, which Jitsi Videobridge uses too; here without a
// state for padding, since padding is sent whenever more is wanted.
// LIMIT: 15 observations of at least 250 ms; older ones count 0.9 of the next.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "bridge/bwe/estimator.hpp"

namespace jmeet::bridge {

enum class LossState : std::uint8_t { none, decreasing, increasing };

class LossModel {
 public:
    explicit LossModel(const EstimatorConfig& config)
        : config_(config), best_{static_cast<double>(config.initial_bps), kInitialInherent} {}

    void on_feedback(std::span<const PacketResult> packets);

    struct Inputs {
        std::optional<std::int64_t> acked_bps;
        std::int64_t delay_bps = 0;  // what the delay allows
        bool application_limited = false;
    };
    // Never above delay_bps; exactly that while nothing is known.
    std::int64_t update(const Inputs& inputs, TimePoint now);

    bool ready() const { return count_ >= kNeeded; }
    LossState state() const { return state_; }
    double average_loss() const;
    // What the link loses whatever we send, as far as is known.
    double inherent_loss() const { return ready() ? best_.inherent : 0; }

 private:
    static constexpr std::size_t kWindow = 15;
    static constexpr std::size_t kNeeded = 3;
    static constexpr double kInitialInherent = 0.01;
    struct Observation {
        double kilobytes = 0;
        double lost_kilobytes = 0;
        double rate_bps = 0;
        double loss() const { return kilobytes > 0 ? lost_kilobytes / kilobytes : 0; }
    };
    struct Channel {
        double bps = 0;
        double inherent = 0;
    };
    void close_observation();
    const Observation& aged(std::size_t age) const;
    double upper_bound(double loss) const;
    double limit_inherent(const Channel& channel) const;
    void fit(Channel& channel) const;
    double score(const Channel& channel, double loss) const;
    Channel choose(const Inputs& inputs, double loss, TimePoint now);
    double cap_increase(double bps, double acked, TimePoint now);
    void settle(double bounded, double delay_bps, double acked, TimePoint now);

    EstimatorConfig config_;
    Channel best_;
    LossState state_ = LossState::none;

    std::array<Observation, kWindow> observations_{};
    std::size_t newest_ = 0;
    std::size_t count_ = 0;
    bool fresh_ = false;

    Observation partial_;
    std::optional<TimePoint> partial_first_;
    TimePoint partial_last_;
    std::optional<TimePoint> previous_last_;

    std::optional<TimePoint> window_start_;
    double window_limit_ = 0;
    TimePoint hold_until_;
    Duration hold_;
    double hold_bps_ = 0;
    double repeated_ = 1;  // lost packets are sent again: so much is sent for one
    std::optional<std::int64_t> result_;
};

}  // namespace jmeet::bridge
