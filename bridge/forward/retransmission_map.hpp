// From a number that a receiver reports as lost back to the packet that was sent under it.
//
// One per outgoing video SSRC of a receiver, owned by it, on its media worker. It keeps no
// packets: the sender's shared history does; it keeps which received packet was sent and how it
// was rewritten, so that a retransmission is the same packet again. Grows while packets of the
// last kKeep would be overwritten: a slow stream needs few entries.
// LIMIT: kEntries packets, as many as the shared history keeps, or where they are fewer those of
// kKeep: a receiver asks ten times at most, once in a round trip.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "bridge/forward/rewrite.hpp"

namespace jmeet::bridge {

class RetransmissionMap {
 public:
    static constexpr std::size_t kEntries = 512;
    static constexpr Duration kKeep = seconds(2);

    struct Entry {
        Rewrite rewrite;
        std::uint8_t encoding = 0;       // whose history has it
        std::uint16_t original_seq = 0;  // its number there
    };

    // After sending: rewrite.seq is the key.
    void insert(const Rewrite& rewrite, int encoding, std::uint16_t original_seq, TimePoint now);

    // Empty: unknown, or sent so recently that the answer cannot have been heard yet (less than
    // min(0.9 rtt, rtt - 5 ms) ago). A hit counts as sent now.
    std::optional<Entry> take_for_resend(std::uint16_t seq, std::optional<Duration> rtt,
                                         TimePoint now);
    // The newest entry, for probing with repeated packets.
    std::optional<Entry> newest() const;
    void clear();

    std::uint64_t misses() const { return misses_; }
    std::uint64_t suppressed() const { return suppressed_; }

 private:
    static constexpr std::size_t kFirstEntries = 32;
    struct Slot {
        Entry entry;
        TimePoint sent = TimePoint::min();  // min(): free
        bool used() const { return sent != TimePoint::min(); }
    };
    static_assert(sizeof(Slot) == 32);

    Slot& slot(std::uint16_t seq) { return slots_[seq & (slots_.size() - 1)]; }
    const Slot& slot(std::uint16_t seq) const { return slots_[seq & (slots_.size() - 1)]; }
    bool must_grow(std::uint16_t seq, TimePoint now) const;
    void grow();

    std::vector<Slot> slots_;  // a power of two; empty until something is sent
    std::uint16_t newest_ = 0;
    bool any_ = false;
    std::uint64_t misses_ = 0;
    std::uint64_t suppressed_ = 0;
};

// Sequence numbers of one outgoing RTX SSRC: from 1.
class RtxSequence {
 public:
    std::uint16_t next() { return ++last_; }

 private:
    std::uint16_t last_ = 0;
};

}  // namespace jmeet::bridge
