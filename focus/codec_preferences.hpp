// Which video codecs everybody of a group can do, the ones they like best first.
//
// A pure value: lists come and go with people. Jicofo's preference aggregate: a codec counts where
// every list has it, and the order is that of its summed places in the lists.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jmeet::focus {

class CodecPreferences {
 public:
    struct Rank {
        int lists = 0;  // that have it
        std::int64_t places = 0;  // in them, summed
    };

    // True: what everybody can do, or its order, has changed. Repeated names count once.
    bool add(const std::vector<std::string>& list);
    // Of a list that was added.
    bool remove(const std::vector<std::string>& list);

    int lists() const { return lists_; }
    const std::map<std::string, Rank>& ranks() const { return ranks_; }
    const std::vector<std::string>& common() const { return common_; }

 private:
    bool apply(const std::vector<std::string>& list, int sign);

    int lists_ = 0;
    // LIMIT: names of lists that are there; presence names 16 at most.
    std::map<std::string, Rank> ranks_;
    std::vector<std::string> common_;
};

}  // namespace jmeet::focus
