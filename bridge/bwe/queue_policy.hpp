// What the queue before the receiver says about how the rate may move.
//
// One per estimator; values in, a judgement out; no allocation. DelayTrend says whether the queue
// grows; this says whether that is a reason to fall, how far, and how fast the rate may grow:
//   - a queue that hardly exists (a key frame's) is no reason to fall, unless it goes on;
//   - one that grows faster than a trend can be drawn (a step down, the start on a narrow link) is
//     answered at once;
//   - one that stands, that does not go between two frames, slows growth down to nothing, and is
//     emptied by small steps;
//   - the longer it is, the further below what the link carries, so that it goes within a second.
// On a narrow link one packet is a queue: what counts as long grows with the time of a packet.
#pragma once

#include <optional>

#include "bridge/bwe/delay_trend.hpp"
#include "bridge/bwe/queue_delay.hpp"
#include "bridge/bwe/rate_control.hpp"

namespace jmeet::bridge {

class QueuePolicy {
 public:
    // Before anything else of a feedback. `packet`: what one takes on this link; in the shadow of
    // a train of probes the queue is the train's.
    enum class Shadow : std::uint8_t { none, probe };
    void on_feedback(std::span<const PacketResult> packets, microseconds packet, Shadow shadow,
                     TimePoint now);
    void reset();

    // The trend's hypothesis, corrected.
    LinkUse judge(LinkUse trend, TimePoint now);
    // Beside that, for a queue that is known to be ours.
    LinkUse judge_standing(LinkUse use, Duration rtt, TimePoint now);

    RateControl::Grip grip() const;
    // How much of the last arrivals tells how fast the link is now.
    milliseconds window() const;

    microseconds now() const { return queue_.now(); }
    microseconds standing() const { return queue_.standing(); }
    microseconds packet() const { return packet_; }
    bool empty() const { return queue_.now() < kEmpty + packet_; }
    bool idle() const { return queue_.now() < kEmpty + 2 * packet_; }
    bool full() const { return queue_.now() > kFull + 2 * packet_; }
    bool very_long() const { return queue_.now() > kVeryLong + 2 * packet_; }
    // No moment for padding.
    bool busy() const { return queue_.now() > kFull || queue_.standing() > kNotIdle; }

 private:
    bool surging() const { return surges_ >= kSurges; }
    double back_off() const;

    static constexpr microseconds kEmpty = milliseconds(8);
    static constexpr microseconds kFull = milliseconds(50);
    // Some frames of all cameras at once are shorter.
    static constexpr microseconds kVeryLong = milliseconds(120);
    static constexpr microseconds kNotIdle = milliseconds(10);
    static constexpr int kSurges = 2;  // one may be a frame

    QueueDelay queue_;
    microseconds packet_{};
    bool leapt_ = false;
    int surges_ = 0;  // feedbacks in a row with a queue that grew fast
    std::optional<TimePoint> mild_since_;
    std::optional<TimePoint> last_drain_;
    int drains_ = 0;
};

}  // namespace jmeet::bridge
