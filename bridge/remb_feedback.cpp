#include "bridge/remb_feedback.hpp"

#include <algorithm>

#include "bridge/rtp/rtcp/remb.hpp"

namespace jmeet::bridge {

void RembFeedback::on_packet(Ssrc ssrc, std::uint32_t send_time, std::size_t size,
                             TimePoint arrival) {
    estimator_.on_packet(send_time, size, arrival);
    auto it = std::find(ssrcs_.begin(), ssrcs_.end(), ssrc);
    if (it == ssrcs_.end()) {
        if (ssrcs_.size() == kMaxSsrcs) ssrcs_.pop_back();
        it = ssrcs_.insert(ssrcs_.end(), ssrc);
    }
    std::rotate(ssrcs_.begin(), it, it + 1);
}

std::size_t RembFeedback::write(Ssrc sender, TimePoint now, Bytes out) const {
    const auto bps = estimator_.estimate(now);
    if (!bps) return 0;
    rtcp::Remb remb;
    remb.sender = sender;
    remb.bitrate_bps = static_cast<std::uint64_t>(*bps);
    remb.ssrcs.assign(ssrcs_.begin(), ssrcs_.end());
    return remb.write(out);
}

}  // namespace jmeet::bridge
