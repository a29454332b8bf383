#include "bridge/bwe/queue_policy.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

// Feedback comes every 50 to 100 ms: a link that takes an eighth to a quarter less than is sent.
constexpr microseconds kSurge = milliseconds(12);
constexpr microseconds kLeap = milliseconds(10);

constexpr microseconds kMild = milliseconds(15);
constexpr milliseconds kMildTime{400};

// Growth ends where so much stands; a little more is emptied by steps, each after the last one
// has shown what it did.
constexpr microseconds kRoom = milliseconds(20);
constexpr microseconds kStanding = milliseconds(25);
constexpr milliseconds kBetweenDrains{300};
// A longer way looks like a queue until QueueDelay forgets the shorter one: it costs a quarter.
constexpr int kMostDrains = 3;
constexpr microseconds kLong = milliseconds(90);
constexpr seconds kBetweenLongDrains{1};

constexpr double kLittleBackOff = 0.92;
constexpr double kSurgeBackOff = 0.75;
constexpr double kMostBackOff = 0.25;
constexpr double kPerSecond = 2;  // of queue beyond a full one
// What is acknowledged of 300 ms is uncertain by so much, and a short queue does no harm.
constexpr double kLeastKept = 0.85;
// With what is lost counted in, more may seem to pass than there is room for.
constexpr double kMostKept = 0.97;

constexpr milliseconds kWindow{300};
constexpr milliseconds kSurgeWindow{100};

double in_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

void QueuePolicy::on_feedback(std::span<const PacketResult> packets, microseconds packet,
                              Shadow shadow, TimePoint now) {
    const microseconds before = queue_.now();
    queue_.on_feedback(packets, now);
    packet_ = packet;
    leapt_ = queue_.now() > kVeryLong && queue_.now() > before + kLeap;
    const bool surge = shadow == Shadow::none && queue_.now() > before + kSurge + packet;
    surges_ = surge ? surges_ + 1 : 0;
}

void QueuePolicy::reset() { queue_.reset(); }

LinkUse QueuePolicy::judge(LinkUse trend, TimePoint now) {
    if (leapt_ || surging()) return LinkUse::over;
    const bool going_on = mild_since_ && now - *mild_since_ >= kMildTime;
    if (trend == LinkUse::normal && mild_since_ && !going_on) return trend;
    if (trend != LinkUse::over || queue_.now() > kMild + packet_) {
        mild_since_.reset();
        return trend;
    }
    if (!mild_since_) mild_since_ = now;
    return now - *mild_since_ < kMildTime ? LinkUse::under : trend;
}

LinkUse QueuePolicy::judge_standing(LinkUse use, Duration rtt, TimePoint now) {
    if (queue_.standing() < kStanding + packet_) {
        last_drain_.reset();
        drains_ = 0;
        return use;
    }
    if (!last_drain_) last_drain_ = now;
    const bool is_long = queue_.standing() > kLong + 2 * packet_;
    if (!is_long && drains_ == kMostDrains) return use;
    const Duration wait = is_long ? Duration(kBetweenLongDrains) : kBetweenDrains + rtt;
    if (now - *last_drain_ < wait) return use;
    last_drain_ = now;
    ++drains_;
    return LinkUse::over;
}

double QueuePolicy::back_off() const {
    double kept = kLittleBackOff;
    if (full()) {
        const double beyond = in_seconds(queue_.now() - kFull - 2 * packet_);
        kept = std::max(kMostBackOff, RateControl::kBackOff - kPerSecond * beyond);
    }
    return surging() ? std::min(kept, kSurgeBackOff) : kept;
}

RateControl::Grip QueuePolicy::grip() const {
    const double taken = in_seconds(queue_.standing()) / in_seconds(kRoom + packet_);
    return {.back_off = back_off(),
            .least = full() || surging() ? 0.0 : kLeastKept,
            .most = kMostKept,
            .growth = std::clamp(1 - taken, 0.0, 1.0),
            .urgent = surges_ == kSurges,
            .careful = true};
}

milliseconds QueuePolicy::window() const { return surging() ? kSurgeWindow : kWindow; }

}  // namespace jmeet::bridge
