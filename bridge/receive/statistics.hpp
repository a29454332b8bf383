// Reception statistics of one SSRC: loss, jitter, extended sequence number, the report block for
// receiver reports. RFC 3550 sections 6.4.1, A.3 and A.8.
//
// Sees every packet of its SSRC as it arrived on the wire (before RTX is unwrapped). Owned by the
// stream, used on its media worker.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/rtp/rtcp/report_block.hpp"
#include "bridge/rtp/rtcp/sender_report.hpp"

namespace jmeet::bridge {

// Interarrival jitter in milliseconds: J += (|D| - J) / 16.
class JitterFilter {
 public:
    void add(double sent_ms, double received_ms);
    double jitter_ms() const { return jitter_; }

 private:
    double jitter_ = 0;
    double last_transit_ = 0;
    bool started_ = false;
};

class StreamStatistics {
 public:
    StreamStatistics(Ssrc ssrc, std::uint32_t clock_rate) : ssrc_(ssrc), clock_rate_(clock_rate) {}

    void on_packet(std::uint16_t seq, std::uint32_t timestamp, std::size_t bytes, TimePoint now);
    void on_sender_report(const rtcp::SenderReport& report, TimePoint now);

    // What to report now; empty when nothing arrived since the last call. Ends the interval.
    std::optional<rtcp::ReportBlock> take_report_block(TimePoint now);
    bool has_news() const { return packets_ != reported_packets_; }

    Ssrc ssrc() const { return ssrc_; }
    std::uint64_t packets() const { return packets_; }
    std::uint64_t bytes() const { return bytes_; }
    std::int64_t expected() const;
    std::int32_t cumulative_lost() const { return cumulative_lost_; }
    std::uint32_t extended_highest_seq() const;
    double jitter_ms() const { return jitter_.jitter_ms(); }
    TimePoint last_arrival() const { return last_arrival_; }

 private:
    // LIMIT: a larger jump is a restarted sender or nonsense, not loss; RFC 3550 MAX_DROPOUT.
    static constexpr std::int32_t kMaxDropout = 3000;
    // LIMIT: a packet that is older than this is not "late", RFC 3550 MAX_MISORDER.
    static constexpr std::int32_t kMaxMisorder = 100;

    void count_loss(std::uint16_t seq);
    void add_jitter(std::uint32_t timestamp, TimePoint now);

    Ssrc ssrc_;
    std::uint32_t clock_rate_;
    std::uint16_t base_seq_ = 0;
    std::uint16_t highest_seq_ = 0;
    std::uint32_t cycles_ = 0;
    std::int64_t not_expected_ = 0;  // numbers that large jumps left out
    std::int32_t cumulative_lost_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t reported_packets_ = 0;
    std::int64_t reported_expected_ = 0;
    std::int64_t timestamp_offset_ = 0;  // unwrapped, since the first packet
    std::uint32_t last_timestamp_ = 0;
    TimePoint first_arrival_{};
    TimePoint last_arrival_{};
    std::uint32_t last_sr_ = 0;
    std::optional<TimePoint> last_sr_at_;
    JitterFilter jitter_;
};

}  // namespace jmeet::bridge
