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
    // LIMIT: late packets beyond this many numbers use the newest offset; 1000 is about a second
    // of a full HD stream, as Jitsi's bridge keeps.
    static constexpr std::int64_t kHistory = 1000;
    enum class State : std::uint8_t { unknown, accepted, dropped };
    struct Slot {
        std::int64_t seq = -1;
        std::int64_t out = 0;  // the number given to it, or kept for it
        State state = State::unknown;
    };

    Slot* find(std::int64_t seq);
    void extend_to(std::int64_t seq);

    SeqUnwrapper unwrapper_;
    std::vector<Slot> slots_;  // empty until the first drop
    std::int64_t highest_ = -1;
    std::int64_t first_recorded_ = 0;
    std::int64_t delta_ = 0;
    std::int64_t oldest_delta_ = 0;
    std::uint64_t gaps_ = 0;
};

}  // namespace jmeet::bridge
