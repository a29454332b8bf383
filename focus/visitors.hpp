// The visitors of a conference, as everybody else hears of them: how many, told at most once in a
// while, and which codecs all of them can do. Nobody sees a visitor's presence but the focus.
//
// Owned by Conference; control thread. Jitsi's conference properties visitor-count and
// visitor-codecs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "focus/codec_preferences.hpp"
#include "focus/timer.hpp"

namespace jmeet::focus {

class Visitors {
 public:
    using Tell = std::function<void(const char* property, const std::string& value)>;

    // The first change is told at once, then one in `interval` at most.
    Visitors(const asio::any_io_executor& executor, Duration interval, Tell tell);

    void add(const std::vector<std::string>& codecs);
    void remove(const std::vector<std::string>& codecs);
    void change(const std::vector<std::string>& before, const std::vector<std::string>& now);
    // Nothing is told any more.
    void stop() { timer_.cancel(); }

    int count() const { return count_; }
    const CodecPreferences& codecs() const { return codecs_; }

 private:
    void on_count();
    void tell_count();
    void tell_codecs();

    Duration interval_;
    Tell tell_;
    int count_ = 0;
    std::optional<TimePoint> told_;
    Timer timer_;
    CodecPreferences codecs_;
};

}  // namespace jmeet::focus
