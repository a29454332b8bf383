// Round-trip time to one endpoint, from the sender reports sent to it and the report blocks that
// come back (RFC 3550 section 6.4.1). Unsmoothed: the latest valid value.
//
// One per endpoint, on its media worker.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/rtp/rtcp/report_block.hpp"

namespace jmeet::bridge {

class RttTracker {
 public:
    // When a sender report leaves, after rewriting: its SSRC and the middle 32 bits of its NTP.
    void on_report_sent(Ssrc ssrc, std::uint32_t compact_ntp, TimePoint now);
    // The round trip of a report block that answers one of those; empty when it says nothing.
    std::optional<Duration> on_report_block(const rtcp::ReportBlock& block, TimePoint now);
    std::optional<Duration> rtt() const { return rtt_; }

 private:
    // LIMIT: reports remembered; the oldest is overwritten, as Jitsi's bridge does.
    static constexpr std::size_t kMaxReports = 200;
    static constexpr Duration kMaxDelay = std::chrono::minutes(5);
    static constexpr Duration kMaxRtt = seconds(7);

    struct Sent {
        Ssrc ssrc;
        std::uint32_t compact_ntp = 0;
        TimePoint at{};
    };
    std::vector<Sent> sent_;  // a ring once it has kMaxReports
    std::size_t next_ = 0;
    std::optional<Duration> rtt_;
};

}  // namespace jmeet::bridge
