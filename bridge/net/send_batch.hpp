// SendBatch: outgoing datagrams of one flush and their grouping into runs.
//
// Pure memory, owned by a UdpPort. A run is what one segmented send can carry: datagrams to one
// destination, all of one size except that the last may be shorter. Runs are in the order in
// which they began, and a destination writes only to its newest run, so order per destination is
// kept. Browsers cut a frame into pieces whose sizes differ by one byte, larger ones last: such a
// frame is two runs.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "bridge/ice/address.hpp"

namespace jmeet::bridge {

// LIMIT: one datagram: an Ethernet frame's payload. Nothing larger is forwarded.
inline constexpr std::size_t kSendSlot = 1500;

class SendBatch {
 public:
    // LIMIT: slots between two flushes: 8 MTU-sized datagrams to 32 receivers; 384 KB per worker.
    static constexpr std::size_t kSlots = 256;
    // LIMIT: UDP_MAX_SEGMENTS of the kernel.
    static constexpr std::size_t kMaxSegments = 64;
    // LIMIT: one IP packet is at most 65,535 bytes with its headers.
    static constexpr std::size_t kMaxRunBytes = 65'000;
    static constexpr std::uint16_t kNone = 0xffff;

    struct Run {
        Address to;
        std::uint16_t first = kNone;
        std::uint16_t last = kNone;
        std::uint16_t count = 0;
        std::uint16_t segment = 0;  // size of every datagram but the last
        std::uint32_t bytes = 0;
        bool closed = false;        // a shorter one was added: it is the last
    };

    bool full() const { return used_ == kSlots; }
    bool empty() const { return used_ == 0; }
    std::size_t size() const { return used_; }

    // The next free slot; empty when full.
    Bytes slot() { return full() ? Bytes{} : Bytes(arena_[used_]); }
    // Takes the slot as written; false (and nothing taken) for a wrong length or when full.
    bool commit(const Address& to, std::size_t length);

    std::span<const Run> runs() const { return std::span(runs_).first(run_count_); }
    BytesView datagram(std::uint16_t slot) const {
        return BytesView(arena_[slot]).first(lengths_[slot]);
    }
    std::uint16_t next(std::uint16_t slot) const { return next_[slot]; }  // in its run, or kNone
    void clear();

 private:
    static constexpr std::size_t kBuckets = 512;

    std::uint16_t& newest_run(const Address& to);
    void begin_run(const Address& to, std::uint16_t slot, std::uint16_t length);

    std::array<std::array<std::uint8_t, kSendSlot>, kSlots> arena_;
    std::array<std::uint16_t, kSlots> lengths_{};
    std::array<std::uint16_t, kSlots> next_{};
    std::array<Run, kSlots> runs_{};
    // destination -> its newest run; an entry of an older epoch is free
    std::array<std::uint16_t, kBuckets> bucket_run_{};
    std::array<std::uint32_t, kBuckets> bucket_epoch_{};
    std::uint32_t epoch_ = 1;
    std::size_t used_ = 0;
    std::size_t run_count_ = 0;
};

}  // namespace jmeet::bridge
