// Asks a sender again for video packets that did not come: RFC 4585 section 6.2.1.
//
// A gap is requested at once, then every 150 ms, each number at most ten times; a gap of 100 or
// more numbers clears everything (a key frame is the better cure). Sequence numbers are those of
// the sender. Owned by the stream; on_packet on each packet after RTX is unwrapped, collect()
// after that and from the media worker's timer at next_due().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "bridge/limits.hpp"
#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

class NackGenerator {
 public:
    static constexpr int kMaxGap = 100;
    static constexpr int kMaxRequests = 10;
    static constexpr Duration kRetry = milliseconds(150);
    static constexpr std::size_t kMaxMissing = limits::kMissingPackets;

    void on_packet(std::uint16_t seq, TimePoint now);
    // The numbers to request now, oldest first; counts one request for each. Returns how many.
    std::size_t collect(TimePoint now, std::span<std::uint16_t> out);
    // When collect() will have something to say; empty when nothing is missing.
    std::optional<TimePoint> next_due() const;
    std::size_t missing() const { return count_; }
    std::uint64_t requested() const { return requested_; }
    void reset();

 private:
    // Requests that are almost due go along, so that one packet carries them.
    static constexpr Duration kTogether = milliseconds(20);
    struct Missing {
        std::int64_t seq;
        TimePoint due;
        int requests;
    };
    void add_gap(std::int64_t from, std::int64_t to, TimePoint now);
    void erase(std::int64_t seq);

    SeqUnwrapper unwrapper_;
    std::int64_t highest_ = 0;
    bool started_ = false;
    std::size_t count_ = 0;
    std::vector<Missing> missing_;  // ascending; kMaxMissing of them once a packet was lost
    std::uint64_t requested_ = 0;
};

}  // namespace jmeet::bridge
