#include "bridge/receive/rtt_tracker.hpp"

namespace jmeet::bridge {

void RttTracker::on_report_sent(Ssrc ssrc, std::uint32_t compact_ntp, TimePoint now) {
    if (sent_.size() < kMaxReports) sent_.emplace_back();
    sent_[next_] = {ssrc, compact_ntp, now};
    next_ = (next_ + 1) % kMaxReports;
}

std::optional<Duration> RttTracker::on_report_block(const rtcp::ReportBlock& block,
                                                    TimePoint now) {
    if (block.last_sr == 0 && block.delay_since_last_sr == 0) return {};
    const std::size_t count = sent_.size();
    for (std::size_t i = 1; i <= count; ++i) {
        const Sent& sent = sent_[(next_ + count - i) % count];  // newest first
        if (sent.ssrc != block.ssrc || sent.compact_ntp != block.last_sr) continue;
        const Duration delay = std::chrono::duration_cast<Duration>(
            std::chrono::duration<double>(block.delay_since_last_sr / 65536.0));
        const Duration rtt = now - sent.at - delay;
        if (delay > kMaxDelay || rtt > kMaxRtt || rtt < Duration::zero()) return {};
        rtt_ = rtt;
        return rtt;
    }
    return {};
}

}  // namespace jmeet::bridge
