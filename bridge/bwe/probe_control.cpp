#include "bridge/bwe/probe_control.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr std::int64_t kFirstFactor = 3;
constexpr std::int64_t kFactor = 2;
constexpr double kLossLimitedFactor = 1.5;
constexpr double kAboveWanted = 1.25;
constexpr double kSuccess = 1.1;
constexpr double kNotFull = 0.85;
constexpr double kFall = 0.66;
constexpr double kLeastTrust = 0.1;
constexpr seconds kProof{3};
constexpr double kWayBack = 0.85;
constexpr int kWaysBack = 3;
constexpr seconds kFallAge{20};
// A shaper lets a short train pass at any rate. Who knows how much a full link carried a while
// ago climbs by steps, and stays on each until the bucket of a shaper would be empty.
constexpr seconds kFullAge{20};
constexpr double kStepUp = 1.5;
constexpr milliseconds kHold{500};
constexpr seconds kAnswer{1};
constexpr seconds kMaxInterval{6};
constexpr milliseconds kUnanswered{1'500};
constexpr double kGrown = 1.1;
constexpr std::int64_t kForget = 20;  // a twentieth with each train
constexpr milliseconds kQuiet{500};
constexpr microseconds kShortQueue = milliseconds(25);

double scaled(std::int64_t bps, double factor) { return static_cast<double>(bps) * factor; }

}  // namespace

void ProbeControl::on_estimate(const View& view, TimePoint now) {
    if (!trouble_) trouble_ = now;  // nothing is known yet
    if (view.use == LinkUse::over) {
        trouble_ = now;
        full_ = now;
        doubling_ = false;
        if (raised_) {
            trust_ = std::max(trust_ / 2, kLeastTrust);
            raised_.reset();
            fail();
        }
    }
    if (raised_ && now - *raised_ > kProof) {
        raised_.reset();
        trust_ = std::min(2 * trust_, 1.0);
    }
    if (fell_ && now - *fell_ > kFallAge) fell_.reset();
    // A fall takes some steps; the way back leads to where it began, so far as that was real.
    if (!fell_ && view.use != LinkUse::over) high_ = std::min(view.estimate_bps, view.acked_bps);
    if (!fell_ && static_cast<double>(view.estimate_bps) < scaled(high_, kFall)) {
        fell_ = now;
        ways_back_ = 0;
    }
    if (fell_ && static_cast<double>(view.estimate_bps) > scaled(high_, kWayBack)) fell_.reset();
    // More than what the last train found: the link has changed.
    if (last_ && static_cast<double>(view.estimate_bps) > scaled(tried_, kGrown)) {
        tried_ = view.estimate_bps;
        interval_ = kFirstInterval;
    }
    if (awaited_until_ && now > *awaited_until_) {
        awaited_until_.reset();
        doubling_ = false;
        // A train of which nothing is known says nothing against the link.
        if (!answered_) interval_ = std::min<Duration>(interval_, kUnanswered);
        if (static_cast<double>(view.estimate_bps) < scaled(before_, kSuccess)) fail();
    }
}

void ProbeControl::fail() {
    doubling_ = false;
    interval_ = std::min<Duration>(2 * interval_, kMaxInterval);
}

bool ProbeControl::quiet(const View& view, TimePoint now) const {
    return view.use == LinkUse::normal && view.queue < kShortQueue &&
           view.loss != LossState::decreasing && trouble_ && now - *trouble_ > kQuiet;
}

std::optional<std::int64_t> ProbeControl::choose(const View& view, TimePoint now) {
    if (fell_ && ways_back_ < kWaysBack &&
        (!last_ || now - *last_ > seconds(1 << ways_back_))) {
        ++ways_back_;
        return std::min(static_cast<std::int64_t>(scaled(high_, kWayBack)),
                        kFirstFactor * view.estimate_bps);
    }
    if (!doubling_ && last_ && now - *last_ < interval_) return std::nullopt;
    // No faster than what would be believed.
    if (known_full(now)) return static_cast<std::int64_t>(scaled(view.estimate_bps, kStepUp));
    return (doubling_ && !last_ ? kFirstFactor : kFactor) * view.estimate_bps;
}

std::optional<std::int64_t> ProbeControl::wish(const View& view, TimePoint now) {
    if (awaited_until_ || view.wanted_bps <= view.estimate_bps || !quiet(view, now)) {
        return std::nullopt;
    }
    if (raised_ && known_full(now) && now - *raised_ < kHold) return std::nullopt;
    auto rate = choose(view, now);
    if (!rate) return std::nullopt;
    double most = std::min(static_cast<double>(config_.max_bps),
                           scaled(view.wanted_bps, kAboveWanted));
    if (view.loss != LossState::none) {
        most = std::min(most, scaled(view.estimate_bps, kLossLimitedFactor));
    }
    rate = std::min(*rate, static_cast<std::int64_t>(most));
    last_ = now;
    if (static_cast<double>(*rate) < scaled(view.estimate_bps, kSuccess)) return std::nullopt;
    before_ = view.estimate_bps;
    tried_ = std::max(tried_ - tried_ / kForget, view.estimate_bps);
    rate_ = *rate;
    awaited_until_ = now + kAnswer;
    answered_ = false;
    return rate;
}

bool ProbeControl::known_full(TimePoint now) const { return full_ && now - *full_ < kFullAge; }

std::int64_t ProbeControl::believe(std::int64_t shown, std::int64_t estimate,
                                   TimePoint now) const {
    if (shown <= estimate) return shown;
    shown = estimate + static_cast<std::int64_t>(scaled(shown - estimate, trust_));
    if (!known_full(now)) return shown;
    return std::min(shown, static_cast<std::int64_t>(scaled(estimate, kStepUp)));
}

void ProbeControl::on_result(std::int64_t shown_bps, TimePoint now) {
    if (!awaited_until_) return;
    answered_ = true;
    if (static_cast<double>(shown_bps) < scaled(before_, kSuccess)) return;
    // A rise that the next one follows without a queue was right.
    if (raised_ && now - *raised_ >= kHold) trust_ = std::min(2 * trust_, 1.0);
    raised_ = now;
    interval_ = kFirstInterval;
    // More of the train may arrive; when it filled the link, a faster one says nothing new.
    if (static_cast<double>(shown_bps) < scaled(rate_, kNotFull)) return;
    awaited_until_.reset();
    doubling_ = true;
}

}  // namespace jmeet::bridge
