// The REMB that a sender gets which promised goog-remb and no transport-wide feedback: how much
// may come from it, and on which SSRCs that was seen.
//
// Owned by an EndpointInput, on its media worker; no allocation after the first packet.
// draft-alvestrand-rmcat-remb-03 section 2.
#pragma once

#include <boost/container/static_vector.hpp>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "bridge/bwe/arrival_estimator.hpp"

namespace jmeet::bridge {

class RembFeedback {
 public:
    // LIMIT: SSRCs named, those heard last; as many as Jitsi's bridge names.
    static constexpr std::size_t kMaxSsrcs = 8;

    // `send_time`: of the packet's abs-send-time extension.
    void on_packet(Ssrc ssrc, std::uint32_t send_time, std::size_t size, TimePoint arrival);
    void on_rtt(Duration rtt) { estimator_.on_rtt(rtt); }
    // Bytes written; 0 when nothing is known or it does not fit.
    std::size_t write(Ssrc sender, TimePoint now, Bytes out) const;

 private:
    ArrivalEstimator estimator_;
    boost::container::static_vector<Ssrc, kMaxSsrcs> ssrcs_;  // the one heard last is first
};

}  // namespace jmeet::bridge
