#include "bridge/allocation/explain.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

// Rounded by parts: "unlimited" is the largest number there is.
std::string kbps(std::int64_t bps) {
    return std::to_string(bps / 1000 + (bps % 1000 >= 500 ? 1 : 0)) + " kb/s";
}

std::string height(int pixels) {
    return pixels < 0 ? std::string("a layer of unknown height") : std::to_string(pixels) + "p";
}

std::string bandwidth_sentence(const Allocation& allocation, BandwidthRule rule) {
    const std::string sum = " Sent: " + kbps(allocation.target_bitrate) + " of " +
                            kbps(allocation.ideal_bitrate) + " wanted" +
                            (allocation.oversending ? ", which is more than there is." : ".");
    switch (rule) {
        case BandwidthRule::assumed:
            return "Bandwidth: " + kbps(allocation.available_bps) +
                   ", named by the receiver (assumedBandwidthBps)." + sum;
        case BandwidthRule::estimate:
            if (allocation.available_bps == kUnknownBandwidth) {
                return "Bandwidth: reported as unknown, so no video is sent.";
            }
            return "Bandwidth: " + kbps(allocation.available_bps) + ", estimated." + sum;
        case BandwidthRule::not_asked:
            return "Bandwidth: no limit, for estimates are not trusted here (trust-bwe)." + sum;
        case BandwidthRule::no_rtx:
            return "Bandwidth: no limit, for the receiver takes no retransmissions (RTX)." + sum;
        case BandwidthRule::not_yet: break;
    }
    return "Bandwidth: no limit, for there is no estimate yet." + sum;
}

std::string last_n_sentence(const Allocation& allocation) {
    const std::string most = "At most " + std::to_string(allocation.last_n) + " sources: ";
    switch (allocation.last_n_rule) {
        case LastNRule::receiver: return most + "the receiver's lastN.";
        case LastNRule::bridge: return most + "the bridge's limit under load.";
        case LastNRule::conference_size: return most + "the limit for a conference of this size.";
        case LastNRule::ssrcs: return most + "the limit of SSRCs.";
        case LastNRule::none: break;
    }
    return "Any number of sources.";
}

std::string asked(const SourceAllocation& source) {
    const std::string who = source.asked_by_name ? " asked for this source"
                                                 : " asked for by default";
    const std::string stage = source.stage == Stage::on ? ", on stage" : "";
    if (source.asked.max_height < 0) return "any height" + who + stage;
    return "up to " + std::to_string(source.asked.max_height) + "p" + who + stage;
}

std::string sent(const SourceAllocation& source) {
    return height(source.target_height) + " at " +
           kbps(static_cast<std::int64_t>(source.target_bitrate));
}

std::string next_step(const SourceAllocation& source) {
    return "the next layer needs " + kbps(static_cast<std::int64_t>(source.next_bitrate));
}

std::string decision(const SourceAllocation& source, std::int64_t left) {
    const std::string room = left == kUnlimitedBandwidth ? "" : ", and " + kbps(left) + " are left";
    switch (source.reason) {
        case AllocationReason::ideal:
            return sent(source) + ", the best layer for what is wanted (" + asked(source) + ")";
        case AllocationReason::bandwidth_limited:
            return sent(source) + " instead of " + height(source.ideal_height) + " (" +
                   asked(source) + "): " + next_step(source) + room;
        case AllocationReason::oversent:
            return sent(source) + " although it does not fit: a screen on stage is sent first (" +
                   asked(source) + ")";
        case AllocationReason::suspended:
            return "nothing (" + asked(source) + "): " + next_step(source) + room;
        case AllocationReason::bandwidth_unknown:
            return "nothing (" + asked(source) + "): the bandwidth is reported as unknown";
        case AllocationReason::not_wanted:
            return std::string("nothing: the receiver asked for none") +
                   (source.asked_by_name ? " of this source" : " by default");
        case AllocationReason::beyond_last_n:
            return "nothing (" + asked(source) + "): sources before it have used up last-N";
        case AllocationReason::source_disabled: return "nothing: its sender sends no video";
        case AllocationReason::no_layers: break;
    }
    return "nothing (" + asked(source) + "): no packet of it has come and none is announced";
}

std::string type_of(VideoType type) {
    switch (type) {
        case VideoType::camera: return "camera";
        case VideoType::desktop: return "screen";
        case VideoType::desktop_high_fps: return "screen at a high frame rate";
        default: break;
    }
    return "muted source";
}

}  // namespace

std::vector<std::string> explain(const Allocation& allocation, BandwidthRule rule) {
    std::vector<std::string> out;
    out.push_back(bandwidth_sentence(allocation, rule));
    out.push_back(last_n_sentence(allocation));
    const std::int64_t left =
        allocation.available_bps == kUnlimitedBandwidth
            ? kUnlimitedBandwidth
            : std::max<std::int64_t>(0, allocation.available_bps - allocation.target_bitrate);
    for (const SourceAllocation& source : allocation.sources) {
        out.push_back(source.name.value() + ", " + type_of(source.video_type) + " of " +
                      source.owner.value() + ": " + decision(source, left) + ".");
    }
    return out;
}

}  // namespace jmeet::bridge
