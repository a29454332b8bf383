#include "bridge/bwe/competition.hpp"

#include <algorithm>
#include <utility>

#include "bridge/bwe/acked_rate.hpp"
#include "bridge/bwe/estimator.hpp"

namespace jmeet::bridge {

namespace {

constexpr microseconds kStandingQueue = milliseconds(20);
constexpr microseconds kEmptied = milliseconds(8);
// A queue that took longer to grow was not made by a step of the link, so that what comes through
// when it begins to stand is what the link gives; after a step only what comes later is.
constexpr milliseconds kSlowly{500};
constexpr milliseconds kReferenceAfter{400};
constexpr double kGivenUp = 0.92;
constexpr double kGivenUpAgain = 0.9;
// So much shorter a queue of ours must have become before it is judged, and half of itself.
constexpr milliseconds kLeastExpected{60};
// Beside a constant flow that takes nine tenths of the link ours still drains at a tenth.
constexpr int kOursDrains = 10;
constexpr int kSuspicions = 2;  // once may be a frame, where the queue has not even grown
constexpr milliseconds kLongestStep{300};
constexpr double kReferenceShare = 0.85;
constexpr double kBackOff = 0.7;
constexpr double kPacketsPerRoundTrip = 3 * (1 - kBackOff) / (1 + kBackOff);
constexpr milliseconds kShortestRtt{50};
constexpr milliseconds kBetweenCuts{100};
constexpr microseconds kEmptyQueue = milliseconds(25);
constexpr seconds kEmptyTime{3};  // others empty a short queue after each of their losses
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

// What came through when the queue began to stand.
bool Competition::know_reference(const View& view, TimePoint now) {
    if (reference_bps_) return true;
    const bool slowly = *standing_since_ - *last_empty_ > kSlowly;
    if (!slowly && now - *standing_since_ < kReferenceAfter) return false;
    reference_bps_ = view.acked_bps;
    return true;
}

void Competition::watch(const View& view, TimePoint now) {
    const Duration since = std::min<Duration>(now - std::exchange(last_update_, now), kLongestStep);
    if (!last_empty_ || view.standing < kEmptied + view.packet) last_empty_ = now;
    if (view.standing < kStandingQueue + view.packet) {
        standing_since_.reset();
        suspicions_ = 0;
        return;
    }
    if (!standing_since_) {
        standing_since_ = now;
        reference_bps_.reset();
    }
    if (!view.acked_bps || !know_reference(view, now)) return;
    const bool known = last_others_ && now - *last_others_ < kMemory;
    const auto reference = static_cast<double>(*reference_bps_);
    const double share = static_cast<double>(*view.acked_bps) / reference;
    if (share > (known ? kGivenUpAgain : kGivenUp)) return expect_from(view.queue);
    expected_ += std::chrono::duration_cast<Duration>(since * (1 - share));
    if (expected_ < std::max<Duration>(kLeastExpected, reference_queue_ / (known ? 4 : 2))) return;
    const Duration gone = reference_queue_ - view.queue;
    const bool ours = gone >= expected_ / kOursDrains;
    expect_from(view.queue);
    suspicions_ = ours ? 0 : suspicions_ + (gone < Duration(0) ? kSuspicions : 1);
    if (suspicions_ < (known ? 1 : kSuspicions)) return;
    enter(std::max(view.rate_bps, static_cast<std::int64_t>(kReferenceShare * reference)), now);
}

void Competition::expect_from(Duration queue) {
    reference_queue_ = queue;
    expected_ = {};
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
    if (view.standing > kEmptyQueue + 2 * view.packet) {
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
