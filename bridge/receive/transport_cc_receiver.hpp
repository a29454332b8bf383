// Records when packets with a transport-wide sequence number arrived and writes the feedback to
// their sender: draft-holmer-rmcat-transport-wide-cc-extensions-01.
//
// One per sending endpoint (transport), on its media worker. Feedback is due 100 ms after the last
// one, or 20 ms after it when a packet with the marker bit arrives. It starts with the first
// number not reported yet, lost or not; a late packet is reported again, with those after it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

class TransportCcReceiver {
 public:
    static constexpr Duration kInterval = milliseconds(100);
    static constexpr Duration kMarkerInterval = milliseconds(20);

    // True when feedback is due: call write_feedback until it answers 0.
    bool on_packet(std::uint16_t seq, Ssrc media, bool marker, TimePoint arrival);
    // For the timer: also due when packets wait and none came for a while.
    bool due(TimePoint now) const;
    // One feedback packet (at most rtcp::kMaxCompound bytes) of what is not reported yet; 0 when
    // all is reported. `out` of kMaxCompound bytes is always enough.
    std::size_t write_feedback(Ssrc sender, TimePoint now, Bytes out);

    // Losses as reported; a packet that comes after it was reported lost moves over.
    std::uint64_t received() const { return received_; }
    std::uint64_t lost() const { return lost_; }

 private:
    struct Arrival {
        std::int64_t seq;
        TimePoint at;
    };
    // LIMIT: arrivals kept: half a second at 4,000 packets a second; older ones are forgotten. The
    // ring grows up to that as they come: most endpoints send little or nothing.
    static constexpr std::size_t kMaxArrivals = 2048;
    static constexpr std::size_t kFirstArrivals = 64;
    // How long reported arrivals are kept, to be told again after a late packet.
    static constexpr Duration kKeep = milliseconds(500);

    bool record(std::int64_t seq, TimePoint arrival);
    void grow();
    void insert(std::size_t place, Arrival arrival);
    void forget_old(TimePoint now);
    std::size_t first_at_or_after(std::int64_t seq) const;
    Arrival& at(std::size_t index) { return ring_[(head_ + index) & (ring_.size() - 1)]; }
    const Arrival& at(std::size_t index) const {
        return ring_[(head_ + index) & (ring_.size() - 1)];
    }

    SeqUnwrapper unwrapper_;
    std::vector<Arrival> ring_;  // by ascending seq, from head_; a power of two
    std::size_t head_ = 0;
    std::size_t size_ = 0;
    bool started_ = false;
    std::int64_t window_start_ = 0;   // first number not reported
    std::int64_t counted_until_ = 0;  // losses before this number are counted
    std::int64_t forgotten_until_ = 0;
    TimePoint last_feedback_{};
    Ssrc media_;
    std::uint8_t feedback_count_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t lost_ = 0;
};

}  // namespace jmeet::bridge
