// Renumbering after discards: padding-only and silent packets are not forwarded and must leave no
// gap in the sequence numbers, else receivers ask for them forever.
//
// Two kinds. SimpleRenumber (audio) keeps no history. HistoryRenumber (video) remembers the last
// 1000 numbers, so that late packets find the place that was kept for them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

class SimpleRenumber {
 public:
    std::uint16_t accept(std::uint16_t seq);
    void drop(std::uint16_t seq);

 private:
    std::optional<std::uint16_t> highest_;
    std::uint16_t delta_ = 0;
};

class HistoryRenumber {
 public:
    std::uint16_t accept(std::uint16_t seq);
    void drop(std::uint16_t seq);
    // Drops that came too late: their numbers had been kept for them and stay unused.
    std::uint64_t gaps() const { return gaps_; }

 private:
    // LIMIT: a late packet beyond this many numbers gets the offset of the oldest one; 1000 is
    // about a second of a full HD stream, and what Jitsi's bridge keeps. A power of two of slots.
    static constexpr std::int64_t kHistory = 1000;
    static constexpr std::int64_t kSlots = 1024;
    enum class State : std::uint8_t { unknown, accepted, dropped };
    struct Slot {
        std::int32_t delta : 30 = 0;  // this number minus the one given to it, or kept for it
        State state : 2 = State::unknown;
    };
    static_assert(sizeof(Slot) == 4);

    Slot& slot(std::int64_t seq) { return slots_[static_cast<std::size_t>(seq & (kSlots - 1))]; }
    // Null when the number is older than the history.
    Slot* find(std::int64_t seq);
    void keep_place(std::int64_t seq, std::int32_t delta);
    // Keeps places for the numbers between what was seen and `seq`, in either direction.
    void extend_to(std::int64_t seq);

    SeqUnwrapper unwrapper_;
    std::vector<Slot> slots_;  // allocated by the first packet
    bool started_ = false;
    std::int64_t highest_ = 0;
    std::int64_t lowest_ = 0;
    std::int32_t delta_ = 0;      // of numbers after the highest
    std::int32_t low_delta_ = 0;  // of numbers before the lowest: nothing was given out there
    std::uint64_t gaps_ = 0;
};

}  // namespace jmeet::bridge
