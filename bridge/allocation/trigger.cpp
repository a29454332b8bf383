#include "bridge/allocation/trigger.hpp"

#include <cmath>

#include "bridge/allocation/allocation.hpp"

namespace jmeet::bridge {

AllocationTrigger::AllocationTrigger(const AllocationConfig& config, RtxSupport rtx,
                                     TimePoint now)
    : config_(config), rtx_(rtx), last_run_(now) {}

bool AllocationTrigger::on_estimate(std::int64_t bps) {
    latest_ = bps;
    if (estimate_) {
        const std::int64_t old = *estimate_;
        if (bps == old) return false;
        if (bps != kUnknownBandwidth && old != kUnknownBandwidth) {
            const double change = std::fabs(static_cast<double>(bps - old));
            if (!(change > config_.bwe_change_threshold * static_cast<double>(old))) return false;
        }
    }
    estimate_ = bps;
    return true;
}

void AllocationTrigger::on_video_sent(TimePoint now) {
    if (!first_video_) first_video_ = now;
}

BandwidthRule AllocationTrigger::rule(const ReceiverSettings& settings, TimePoint now) const {
    if (settings.assumed_bandwidth() >= 0) return BandwidthRule::assumed;
    if (!config_.trust_bwe) return BandwidthRule::not_asked;
    if (rtx_ == RtxSupport::no) return BandwidthRule::no_rtx;
    const Duration since = first_video_ ? now - *first_video_ : Duration(0);
    const bool heeded = estimate_ && since >= config_.initial_ignore_bwe;
    return heeded ? BandwidthRule::estimate : BandwidthRule::not_yet;
}

std::int64_t AllocationTrigger::available(const ReceiverSettings& settings, TimePoint now) const {
    switch (rule(settings, now)) {
        case BandwidthRule::assumed: return settings.assumed_bandwidth();
        case BandwidthRule::estimate: return due(now) ? *latest_ : *estimate_;
        default: return kUnlimitedBandwidth;
    }
}

}  // namespace jmeet::bridge
