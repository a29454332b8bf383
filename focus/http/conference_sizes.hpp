// How many participants the conferences have, as /stats shows it: Jicofo's bucket histogram.
// Pure values.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/json.hpp"

namespace jmeet::focus {

class ConferenceSizes {
 public:
    // An empty conference counts as one participant in the largest and the pairs, as upstream.
    void add(std::int64_t participants);

    std::int64_t conferences() const { return count_; }
    std::int64_t participants() const { return total_; }
    std::int64_t largest() const { return largest_; }
    // Sum of the squares.
    std::int64_t pairs() const { return pairs_; }
    void write(json::Writer& out) const;

 private:
    static constexpr std::array<std::int64_t, 13> kLowest{0,  1,   2,   3,   5,   10, 20,
                                                          50, 100, 200, 300, 400, 500};
    std::array<std::int64_t, kLowest.size()> buckets_{};
    std::int64_t count_ = 0;
    std::int64_t total_ = 0;
    std::int64_t largest_ = 0;
    std::int64_t pairs_ = 0;
};

}  // namespace jmeet::focus
