#include "focus/source_queue.hpp"

#include <utility>

namespace jmeet::focus {

milliseconds SourceSignalingDelays::delay(int participants) const {
    const auto above = delays_.upper_bound(participants);
    return above == delays_.begin() ? milliseconds(0) : std::prev(above)->second;
}

void SourceQueue::deactivate() {
    active_ = false;
    due_.reset();
}

void SourceQueue::add(const ConferenceSourceMap& sources, TimePoint now, milliseconds delay) {
    remember(sources);
    current_.add(sources);
    schedule(now, delay);
}

void SourceQueue::remove(const ConferenceSourceMap& sources, TimePoint now, milliseconds delay) {
    remember(sources);
    current_.remove(sources);
    schedule(now, delay);
}

void SourceQueue::forget(const std::string& owner) {
    current_.remove_owner(owner);
    signaled_.erase(owner);
}

ConferenceSourceMap SourceQueue::reset(const ConferenceSourceMap& sources) {
    current_ = sources;
    signaled_.clear();
    due_.reset();
    return sources.filtered(filter_);
}

ConferenceSourceMap SourceQueue::signaled() const {
    ConferenceSourceMap known = current_;
    for (const auto& [owner, set] : signaled_) {
        known.remove_owner(owner);
        known.add(owner, set);
    }
    return known.filtered(filter_);
}

SourceQueue::Changes SourceQueue::flush() {
    due_.reset();
    Changes changes;
    for (const auto& [owner, set] : std::exchange(signaled_, {})) {
        const EndpointSourceSet before = set.filtered(filter_);
        const EndpointSourceSet* const now = current_.find(owner);
        const EndpointSourceSet after = now ? now->filtered(filter_) : EndpointSourceSet{};
        changes.removed.add(owner, before - after);
        changes.added.add(owner, after - before);
    }
    return changes;
}

void SourceQueue::remember(const ConferenceSourceMap& changing) {
    for (const auto& [owner, set] : changing.sets()) {
        if (signaled_.contains(owner)) continue;
        const EndpointSourceSet* const known = current_.find(owner);
        signaled_.emplace(owner, known ? *known : EndpointSourceSet{});
    }
}

void SourceQueue::schedule(TimePoint now, milliseconds delay) {
    if (active_ && !due_) due_ = now + delay;
}

}  // namespace jmeet::focus
