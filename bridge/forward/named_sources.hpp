// How many receivers name each audio source in what they subscribe to: loudest-only routing spares
// those sources, and asks with each packet that would not go on.
//
// One per conference, on its media worker; named() allocates nothing.
// LIMIT: what receivers may name, limits::kNamesPerMessage each.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "base/ids.hpp"

namespace jmeet::bridge {

class NamedSources {
 public:
    void add(const std::unordered_set<SourceName>& names) {
        for (const SourceName& name : names) ++receivers_[name];
    }
    void remove(const std::unordered_set<SourceName>& names) {
        for (const SourceName& name : names) {
            const auto it = receivers_.find(name);
            if (it != receivers_.end() && --it->second == 0) receivers_.erase(it);
        }
    }
    bool named(const SourceName& name) const {
        return !receivers_.empty() && receivers_.contains(name);
    }

 private:
    std::unordered_map<SourceName, std::uint32_t> receivers_;
};

}  // namespace jmeet::bridge
