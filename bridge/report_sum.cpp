#include "bridge/report_sum.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

std::uint64_t packets(const MediaCounters& counters) {
    return counters.packets_received + counters.packets_sent;
}

void add_to(MediaReport& sum, const MediaReport& one) {
    sum.counters += one.counters;
    sum.endpoints_sending_audio += one.endpoints_sending_audio;
    sum.endpoints_sending_video += one.endpoints_sending_video;
    sum.receive_only_endpoints += one.receive_only_endpoints;
    sum.inactive_endpoints += one.inactive_endpoints;
    sum.inactive_conferences += one.inactive_conferences;
    sum.p2p_conferences += one.p2p_conferences;
    sum.rtt_sum_ms += one.rtt_sum_ms;
    sum.rtt_count += one.rtt_count;
    sum.jitter_sum_ms += one.jitter_sum_ms;
    sum.jitter_count += one.jitter_count;
    sum.oversending_endpoints += one.oversending_endpoints;
    sum.suspended_source_endpoints += one.suspended_source_endpoints;
    sum.high_loss_endpoints += one.high_loss_endpoints;
    sum.unmatched_feedback += one.unmatched_feedback;
    // An empty one is less than any.
    sum.most_forwarded = std::max(sum.most_forwarded, one.most_forwarded);
}

}  // namespace

std::optional<MediaReport> ReportSum::add(WorkerIndex worker, const MediaReport& report) {
    Latest& latest = latest_[worker];
    const std::chrono::duration<double> time = report.made_at - latest.report.made_at;
    if (latest.seen && time.count() > 0) {
        const auto more = packets(report.counters) - packets(latest.report.counters);
        latest.packets_per_second = static_cast<double>(more) / time.count();
    }
    latest.report = report;
    latest.seen = latest.fresh = true;
    if (!std::ranges::all_of(latest_, &Latest::fresh)) return std::nullopt;
    MediaReport sum;
    for (Latest& one : latest_) {
        add_to(sum, one.report);
        one.fresh = false;
    }
    sum.made_at = report.made_at;
    return sum;
}

}  // namespace jmeet::bridge
