// Judges a bridge by the answers of its media port: alive, silent, back again.
//
// Pure: what was sent, what came and time points in, events out. It is armed by the first answer,
// so that a closed firewall is no alarm. An unanswered question is repeated quickly, so that lost
// packets are not taken for silence; a refused port counts at once, because only a host that lives
// says so. Time in which we ourselves stood still does not count against the bridge. One that
// falls silent again and again must answer longer each time before it is used again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace jmeet::focus {

struct HeartbeatTimes {
    milliseconds interval{500};
    milliseconds retry{100};    // after a question without an answer
    milliseconds silence{1000};  // since the first of the questions that nobody answered
    milliseconds settle{2000};  // answers for so long, doubled each time, before it is used again
};

class HeartbeatState {
 public:
    enum class Event : std::uint8_t { none, armed, refused, silent, back };
    // LIMIT: settle is doubled five times at most: a minute.
    static constexpr int kMaxDoublings = 5;

    explicit HeartbeatState(HeartbeatTimes times) : times_(times) {}

    bool due(TimePoint now) const { return now >= next_question_; }
    void on_asked(TimePoint now);
    Event on_answer(TimePoint now);
    Event on_refused(TimePoint now);
    // To be called again after pause().
    Event on_time(TimePoint now);
    Duration pause(TimePoint now) const;

    bool armed() const { return phase_ != Phase::unarmed; }
    bool silent() const { return phase_ == Phase::silent; }

 private:
    enum class Phase : std::uint8_t { unarmed, alive, silent };
    Event lose(Event why);

    HeartbeatTimes times_;
    Phase phase_ = Phase::unarmed;
    TimePoint next_question_{};
    TimePoint last_question_{};
    std::optional<TimePoint> unanswered_since_;
    std::optional<TimePoint> last_look_;
    std::optional<TimePoint> answers_since_;  // after silence
    int losses_ = 0;
};

}  // namespace jmeet::focus
