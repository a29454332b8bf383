// Growing pauses between attempts. Pure: the caller brings the chance.
#pragma once

#include <algorithm>
#include <chrono>

namespace jmeet::xmpp {

class BackOff {
 public:
    using Pause = std::chrono::milliseconds;
    BackOff(Pause first, Pause longest) : first_(first), longest_(longest), next_(first) {}

    // `chance` in 0..1 spreads the pause over 50..100 % of its nominal value.
    Pause next(double chance) {
        const Pause nominal = next_;
        next_ = std::min(next_ * 2, longest_);
        const double share = 0.5 + 0.5 * std::clamp(chance, 0.0, 1.0);
        return Pause(static_cast<Pause::rep>(static_cast<double>(nominal.count()) * share));
    }
    void reset() { next_ = first_; }
    bool untouched() const { return next_ == first_; }

 private:
    Pause first_;
    Pause longest_;
    Pause next_;
};

}  // namespace jmeet::xmpp
