// Random numbers that are the same on every machine and in every run.
#pragma once

#include <cstdint>

namespace jmeet::test {

class Random {
 public:
    explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
    // 0 <= x < 1
    double next() {
        state_ = state_ * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        return static_cast<double>(state_ >> 11) * 0x1.0p-53;
    }

 private:
    std::uint64_t state_;
};

}  // namespace jmeet::test
