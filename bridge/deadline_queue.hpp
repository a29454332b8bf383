// When which endpoint wants to be looked at again: a heap of deadlines, one per endpoint.
//
// Owned by the media loop. Only what is due is touched, so a thousand idle conferences cost
// nothing per tick. arm() keeps the earlier of two deadlines; an entry that was overtaken stays in
// the heap until its time and is then skipped. LIMIT: the heap is rebuilt from what is armed when
// stale entries outnumber the live ones four to one.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "bridge/net/demux.hpp"

namespace jmeet::bridge {

class DeadlineQueue {
 public:
    // Wakes `token` at `at` at the latest.
    void arm(EndpointToken token, TimePoint at);
    void remove(EndpointToken token) { armed_.erase(token); }
    // The next one whose time has come; it is disarmed.
    std::optional<EndpointToken> take_due(TimePoint now);
    TimePoint next() const { return heap_.empty() ? TimePoint::max() : heap_.front().at; }
    std::size_t size() const { return armed_.size(); }

 private:
    struct Entry {
        TimePoint at;
        EndpointToken token;
    };
    static bool later(const Entry& a, const Entry& b) { return a.at > b.at; }
    void rebuild();

    std::vector<Entry> heap_;
    std::unordered_map<EndpointToken, TimePoint> armed_;
};

}  // namespace jmeet::bridge
