// What one recipient has been told of the conference's sources, and what it must be told next.
//
// It knows the sources of now, and of owners that have changed what was signalled of them; a flush
// sends the difference: at most one source-remove, then at most one source-add. Its cost is that of
// what has changed, however large the conference.
// One per participant without SSRC rewriting, owned by it; control thread. No timer of its own:
// the owner flushes when now >= due().
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "focus/source_set.hpp"

namespace jmeet::focus {

// Jicofo's source-signaling-delays: participants -> delay. Default: none.
class SourceSignalingDelays {
 public:
    SourceSignalingDelays() = default;
    explicit SourceSignalingDelays(std::map<int, milliseconds> delays)
        : delays_(std::move(delays)) {}
    // The value of the largest key <= participants.
    milliseconds delay(int participants) const;

 private:
    std::map<int, milliseconds> delays_;
};

class SourceQueue {
 public:
    struct Changes {
        ConferenceSourceMap removed;
        ConferenceSourceMap added;
        bool empty() const { return removed.empty() && added.empty(); }
    };

    explicit SourceQueue(const SourceFilter& filter = {}) : filter_(filter) {}

    // The session was accepted: from now on changes get a due time. Flush at once after it.
    void activate() { active_ = true; }
    void deactivate();
    bool active() const { return active_; }

    void add(const ConferenceSourceMap& sources, TimePoint now, milliseconds delay);
    void remove(const ConferenceSourceMap& sources, TimePoint now, milliseconds delay);
    // The member left: its clients drop its sources by themselves, nothing is signalled.
    void forget(const std::string& owner);
    // An offer is being built with these: they count as signalled. Returns what to put into it.
    ConferenceSourceMap reset(const ConferenceSourceMap& sources);

    // What the recipient knows, and what it will know after a flush.
    ConferenceSourceMap signaled() const;
    ConferenceSourceMap updated() const { return current_.filtered(filter_); }

    // Nothing while inactive or when no flush is pending.
    std::optional<TimePoint> due() const { return due_; }
    Changes flush();

 private:
    void schedule(TimePoint now, milliseconds delay);
    // Before these change.
    void remember(const ConferenceSourceMap& changing);

    SourceFilter filter_;
    ConferenceSourceMap current_;
    std::map<std::string, EndpointSourceSet> signaled_;  // of owners that changed since
    std::optional<TimePoint> due_;
    bool active_ = false;
};

}  // namespace jmeet::focus
