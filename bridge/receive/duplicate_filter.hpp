// Tells packets that came already: after RTX is unwrapped the same packet may arrive both ways.
#pragma once

#include <bitset>
#include <cstdint>

#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

class DuplicateFilter {
 public:
    // True when this number is seen for the first time. Numbers older than the window count as
    // seen: nothing forwards packets that late.
    bool is_new(std::uint16_t seq);

 private:
    // LIMIT: numbers remembered; Jitsi's bridge remembers 1500.
    static constexpr std::int64_t kWindow = 2048;

    SeqUnwrapper unwrapper_;
    std::bitset<kWindow> seen_;
    std::int64_t highest_ = 0;
    bool started_ = false;
};

}  // namespace jmeet::bridge
