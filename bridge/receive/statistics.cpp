#include "bridge/receive/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

namespace {

double to_ms(Duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

}  // namespace

void JitterFilter::add(double sent_ms, double received_ms) {
    const double transit = received_ms - sent_ms;
    if (started_) jitter_ += (std::abs(transit - last_transit_) - jitter_) / 16.0;
    last_transit_ = transit;
    started_ = true;
}

void StreamStatistics::on_packet(std::uint16_t seq, std::uint32_t timestamp, std::size_t bytes,
                                 TimePoint now) {
    if (packets_ == 0) {
        base_seq_ = highest_seq_ = seq;
        last_timestamp_ = timestamp;
        first_arrival_ = now;
    } else {
        count_loss(seq);
    }
    add_jitter(timestamp, now);
    ++packets_;
    bytes_ += bytes;
    last_arrival_ = now;
}

void StreamStatistics::count_loss(std::uint16_t seq) {
    const std::int32_t ahead = seq_diff(seq, highest_seq_);
    if (ahead > 0) {
        if (seq < highest_seq_) cycles_ += 0x10000;
        highest_seq_ = seq;
        if (ahead - 1 <= kMaxDropout) {
            cumulative_lost_ += ahead - 1;
        } else {
            not_expected_ += ahead - 1;
        }
    } else if (ahead < 0 && -ahead <= kMaxMisorder && expected() > -ahead) {
        --cumulative_lost_;
    }
}

void StreamStatistics::add_jitter(std::uint32_t timestamp, TimePoint now) {
    timestamp_offset_ += timestamp_diff(timestamp, last_timestamp_);
    last_timestamp_ = timestamp;
    jitter_.add(static_cast<double>(timestamp_offset_) * 1000.0 / clock_rate_,
                to_ms(now - first_arrival_));
}

void StreamStatistics::on_sender_report(const rtcp::SenderReport& report, TimePoint now) {
    last_sr_ = report.compact_ntp();
    last_sr_at_ = now;
}

std::uint32_t StreamStatistics::extended_highest_seq() const { return cycles_ + highest_seq_; }

std::int64_t StreamStatistics::expected() const {
    if (packets_ == 0) return 0;
    return std::int64_t{extended_highest_seq()} - base_seq_ + 1 - not_expected_;
}

std::optional<rtcp::ReportBlock> StreamStatistics::take_report_block(TimePoint now) {
    if (!has_news()) return {};
    rtcp::ReportBlock block;
    block.ssrc = ssrc_;
    const std::int64_t due = expected() - reported_expected_;
    const auto came = static_cast<std::int64_t>(packets_ - reported_packets_);
    if (due > 0 && came < due) {
        block.fraction_lost =
            static_cast<std::uint8_t>(std::min<std::int64_t>((due - came) * 256 / due, 255));
    }
    block.cumulative_lost = cumulative_lost_;
    block.extended_highest_seq = extended_highest_seq();
    block.jitter = static_cast<std::uint32_t>(jitter_.jitter_ms() * clock_rate_ / 1000.0);
    if (last_sr_at_) {
        block.last_sr = last_sr_;
        const auto us = std::chrono::duration_cast<microseconds>(now - *last_sr_at_).count();
        block.delay_since_last_sr = static_cast<std::uint32_t>(us * 65536 / 1'000'000);
    }
    reported_expected_ = expected();
    reported_packets_ = packets_;
    return block;
}

}  // namespace jmeet::bridge
