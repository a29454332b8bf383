// What an endpoint says by RTCP: reports on what it got, requests to send again, key-frame
// requests, bandwidth feedback, and its own sender reports.
//
// Owned by an Endpoint, on its media worker. Reads a decrypted compound once; what concerns others
// goes to the sink. RFC 3550 section 6, RFC 4585, RFC 5104.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "bridge/bwe/estimator.hpp"
#include "bridge/limits.hpp"
#include "bridge/loop_services.hpp"
#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/report_block.hpp"
#include "bridge/rtp/rtcp/sender_report.hpp"
#include "bridge/rtp/seq_num.hpp"
#include "bridge/sender.hpp"

namespace jmeet::bridge {

class RtcpSink {
 public:
    virtual void on_sender_report(const rtcp::SenderReport& report, TimePoint now) = 0;
    virtual void on_keyframe_asked(Ssrc ours, TimePoint now) = 0;
    virtual void on_lost(Ssrc ours, std::uint16_t seq, TimePoint now) = 0;

 protected:
    ~RtcpSink() = default;
};

class RtcpInput {
 public:
    // `estimator` may be null: bandwidth is then unlimited.
    RtcpInput(Sender& sender, BandwidthEstimator* estimator, LoopServices& services,
              RtcpSink& sink);

    void on_rtcp(BytesView compound, TimePoint now);
    // What the endpoint lost of what its last report covers, 0..1.
    double loss() const { return loss_; }

 private:
    // What the last report block of an outgoing SSRC said.
    struct Reported {
        std::uint32_t highest_seq = 0;
        std::int32_t lost = 0;
    };

    void on_packet(const rtcp::Packet& packet, TimePoint now);
    void on_blocks(const rtcp::ReportBlocks& blocks, TimePoint now);
    void on_transport_feedback(const rtcp::Packet& packet, TimePoint now);
    void on_payload_feedback(const rtcp::Packet& packet, TimePoint now);
    void on_transport_cc(const rtcp::Packet& packet, TimePoint now);

    Sender& sender_;
    BandwidthEstimator* estimator_;
    LoopServices& services_;
    RtcpSink& sink_;
    static constexpr std::size_t kMaxReported = limits::kReportedSsrcs;  // more: all begin anew
    std::unordered_map<Ssrc, Reported> reported_;
    double loss_ = 0;
    std::vector<FeedbackItem> items_;  // of one feedback; grows to the longest
    Unwrapper<24> reference_time_;
};

}  // namespace jmeet::bridge
