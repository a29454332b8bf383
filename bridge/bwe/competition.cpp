#include "bridge/bwe/competition.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr microseconds kStandingQueue = milliseconds(90);
constexpr microseconds kKnownQueue = milliseconds(45);
constexpr milliseconds kReferenceAfter{400};
constexpr double kReferenceShare = 0.85;
constexpr double kGivenUp = 0.75;
constexpr double kGivenUpAgain = 0.9;
constexpr milliseconds kPatience{500};
constexpr int kDrainTimes = 4;  // a queue of ours is gone after so many times its length
constexpr double kBackOff = 0.7;
constexpr double kPacketsPerRoundTrip = 3 * (1 - kBackOff) / (1 + kBackOff);
constexpr double kPacketBits = 1'200 * 8;
constexpr double kAboveAcked = 1.5;
constexpr double kAboveAckedBps = 10'000;
constexpr milliseconds kShortestRtt{50};
constexpr milliseconds kBetweenCuts{100};
constexpr microseconds kEmptyQueue = milliseconds(25);
constexpr seconds kEmptyTime{1};
constexpr seconds kMemory{20};
// Who hears no loss for so long may be alone in a very long queue.
constexpr seconds kLongestGrowth{20};

double in_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

void Competition::enter(std::int64_t bps, TimePoint now) {
    rate_ = bps;
    last_update_ = now;
    last_cut_ = now;
    empty_since_.reset();
}

void Competition::watch(const View& view, TimePoint now) {
    const bool known = last_others_ && now - *last_others_ < kMemory;
    if (view.queue < (known ? kKnownQueue : kStandingQueue) + 2 * view.packet) {
        standing_since_.reset();
        return;
    }
    if (!standing_since_) {
        standing_since_ = now;
        reference_bps_.reset();
        deepest_ = {};
    }
    deepest_ = std::max(deepest_, view.queue);
    const Duration standing = now - *standing_since_;
    if (!reference_bps_ && standing >= kReferenceAfter) reference_bps_ = view.acked_bps;
    const Duration drained = kPatience + kDrainTimes * deepest_ + view.rtt;
    if (!reference_bps_ || !view.acked_bps || standing < drained) return;
    const auto reference = static_cast<double>(*reference_bps_);
    const double given_up = known ? kGivenUpAgain : kGivenUp;
    const auto left = known ? deepest_ * 3 / 4 : deepest_ / 2;
    // What is sent counts, not what should be: repairs come on top.
    const auto sent = static_cast<double>(std::max(view.rate_bps, *view.acked_bps));
    if (view.queue < left || sent > given_up * reference) return;
    enter(std::max(view.rate_bps, static_cast<std::int64_t>(kReferenceShare * reference)), now);
}

void Competition::compete(const View& view, TimePoint now) {
    last_others_ = now;
    const double acked = static_cast<double>(view.acked_bps.value_or(*rate_));
    double rate = static_cast<double>(*rate_);
    const Duration rtt = std::max<Duration>(view.rtt, kShortestRtt);
    const Duration since_cut = now - *last_cut_;
    if ((view.lost && since_cut > rtt + kBetweenCuts) || since_cut > kLongestGrowth) {
        last_cut_ = now;
        rate *= kBackOff;
    } else if (rate < kAboveAcked * acked + kAboveAckedBps) {
        const double bits_per_rtt = kPacketsPerRoundTrip * kPacketBits / in_seconds(rtt);
        rate += bits_per_rtt / in_seconds(rtt) * std::min(in_seconds(now - last_update_), 1.0);
    }
    last_update_ = now;
    rate_ = static_cast<std::int64_t>(rate);
    if (view.queue > kEmptyQueue + 2 * view.packet) {
        empty_since_.reset();
    } else if (!empty_since_) {
        empty_since_ = now;
    } else if (now - *empty_since_ > kEmptyTime) {
        rate_.reset();
        standing_since_.reset();
    }
}

void Competition::on_feedback(const View& view, TimePoint now) {
    others() ? compete(view, now) : watch(view, now);
}

}  // namespace jmeet::bridge
