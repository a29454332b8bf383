// Packets a second, counted in whole seconds: enough to tell whether somebody sends at all.
// A value; media worker.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.hpp"

namespace jmeet::bridge {

class PacketTally {
 public:
    void add(TimePoint now) {
        turn(now);
        ++current_;
    }
    // Of the last whole second, or of the one that runs if that is more.
    std::uint32_t per_second(TimePoint now) {
        turn(now);
        return std::max(previous_, current_);
    }

 private:
    void turn(TimePoint now) {
        const Duration passed = now - start_;
        if (passed < seconds(1)) return;
        previous_ = passed < seconds(2) ? current_ : 0;
        current_ = 0;
        start_ = passed < seconds(2) ? start_ + seconds(1) : now;
    }

    TimePoint start_{};
    std::uint32_t current_ = 0;
    std::uint32_t previous_ = 0;
};

// Jitsi's rule of who sends. A newcomer counts from its first packet on.
inline bool is_sending(std::uint32_t per_second, std::uint32_t enough, TimePoint created,
                       TimePoint now) {
    const bool newcomer = now - created < seconds(10);
    return per_second >= (newcomer ? 1 : enough);
}

}  // namespace jmeet::bridge
