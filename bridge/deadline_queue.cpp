#include "bridge/deadline_queue.hpp"

#include <algorithm>

namespace jmeet::bridge {

void DeadlineQueue::arm(EndpointToken token, TimePoint at) {
    if (at == TimePoint::max()) return;
    const auto [it, added] = armed_.try_emplace(token, at);
    if (!added) {
        if (it->second <= at) return;
        it->second = at;
    }
    heap_.push_back({at, token});
    std::push_heap(heap_.begin(), heap_.end(), later);
    if (heap_.size() > 64 && heap_.size() > 4 * armed_.size()) rebuild();
}

std::optional<EndpointToken> DeadlineQueue::take_due(TimePoint now) {
    while (!heap_.empty() && heap_.front().at <= now) {
        const Entry entry = heap_.front();
        std::pop_heap(heap_.begin(), heap_.end(), later);
        heap_.pop_back();
        const auto it = armed_.find(entry.token);
        if (it == armed_.end() || it->second != entry.at) continue;
        armed_.erase(it);
        return entry.token;
    }
    return std::nullopt;
}

void DeadlineQueue::rebuild() {
    heap_.clear();
    for (const auto& [token, at] : armed_) heap_.push_back({at, token});
    std::make_heap(heap_.begin(), heap_.end(), later);
}

}  // namespace jmeet::bridge
