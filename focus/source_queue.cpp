#include "focus/source_queue.hpp"

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
    updated_.add(sources);
    schedule(now, delay);
}

void SourceQueue::remove(const ConferenceSourceMap& sources, TimePoint now, milliseconds delay) {
    updated_.remove(sources);
    schedule(now, delay);
}

void SourceQueue::forget(const std::string& owner) {
    updated_.remove_owner(owner);
    signaled_.remove_owner(owner);
}

ConferenceSourceMap SourceQueue::reset(const ConferenceSourceMap& sources) {
    signaled_ = sources;
    updated_ = sources;
    due_.reset();
    return sources.filtered(filter_);
}

SourceQueue::Changes SourceQueue::flush() {
    due_.reset();
    const ConferenceSourceMap before = signaled_.filtered(filter_);
    const ConferenceSourceMap after = updated_.filtered(filter_);
    Changes changes{.removed = before, .added = after};
    changes.removed.remove(after);
    changes.added.remove(before);
    signaled_ = updated_;
    return changes;
}

void SourceQueue::schedule(TimePoint now, milliseconds delay) {
    if (active_ && !due_) due_ = now + delay;
}

}  // namespace jmeet::focus
