// Transport-wide sequence numbers of one receiver, and what was sent under each.
//
// One per endpoint, on its media worker; one next() per video packet (media, RTX, padding), no
// allocation after construction. draft-holmer-rmcat-transport-wide-cc-extensions-01.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "bridge/bwe/probe.hpp"

namespace jmeet::bridge {

// One line of a transport-cc feedback packet.
struct FeedbackItem {
    std::uint16_t sequence = 0;
    // On the receiver's clock; empty = not received.
    std::optional<microseconds> arrival;
};

struct PacketResult {
    TimePoint sent;
    std::uint32_t size = 0;
    // The receiver's clock; only differences mean anything.
    std::optional<microseconds> arrival;
    bool lost_before = false;  // an earlier feedback reported it as not received
    ProbeId probe = kNoProbe;

    bool received() const { return arrival.has_value(); }
};

// Bytes that were numbered: media with retransmissions, and padding with probes.
struct SentBytes {
    std::uint64_t media = 0;
    std::uint64_t padding = 0;
};

class SentPackets {
 public:
    // LIMIT: 8,192 packets are 4 s at 20 Mbps; feedback comes every 100 ms. 8 bytes each; fewer
    // are kept where fewer are sent in kKeep.
    static constexpr std::size_t kHistory = 8'192;
    static constexpr Duration kKeep = seconds(4);
    // LIMIT: results of one feedback packet; a packet of 1,200 bytes says no more.
    static constexpr std::size_t kMaxResults = 2'048;

    // The number to write into the packet. Counts from 1.
    std::uint16_t next(std::uint32_t size, TimePoint now);

    // What is numbered from here to end_padding() carries no media.
    void begin_padding(ProbeId probe) {
        padding_ = true;
        probe_ = probe;
    }
    void end_padding() {
        padding_ = false;
        probe_ = kNoProbe;
    }
    // Since the last call.
    SentBytes take_bytes() { return std::exchange(bytes_, {}); }

    // Matches feedback to what was sent; the span is valid until the next call. "Lost" packets
    // stay known, so that a later feedback may still report them as received.
    std::span<const PacketResult> on_feedback(std::span<const FeedbackItem> items);

    std::uint64_t unmatched() const { return unmatched_; }
    std::int64_t newest() const { return next_ - 1; }

 private:
    enum class State : std::uint8_t { empty, in_flight, lost };
    // A place of the ring holds the newest number that falls on it, so the number is not kept.
    struct Sent {
        std::uint32_t at_us = 0;  // the lower bits; see time_of()
        ProbeId probe = kNoProbe;
        std::uint16_t size : 14 = 0;
        State state : 2 = State::empty;
    };
    static_assert(sizeof(Sent) == 8);
    static constexpr std::size_t kFirstHistory = 64;
    static constexpr std::uint32_t kMaxSize = (1 << 14) - 1;

    Sent& place(std::int64_t number) {
        return ring_[static_cast<std::size_t>(number) & (ring_.size() - 1)];
    }
    Sent* find(std::int64_t number);
    TimePoint time_of(const Sent& sent) const;
    void make_room(TimePoint now);
    std::int64_t unwrap(std::uint16_t sequence) const;

    std::vector<Sent> ring_;  // a power of two; empty until something is sent
    TimePoint last_sent_{};
    std::vector<PacketResult> results_;
    std::int64_t next_ = 1;
    std::uint64_t unmatched_ = 0;
    SentBytes bytes_;
    bool padding_ = false;
    ProbeId probe_ = kNoProbe;
};

}  // namespace jmeet::bridge
