#include "focus/bridges/heartbeat_state.hpp"

#include <algorithm>

namespace jmeet::focus {

void HeartbeatState::on_asked(TimePoint now) {
    last_question_ = now;
    const bool repeated = unanswered_since_.has_value();
    if (!repeated) unanswered_since_ = now;
    if (phase_ != Phase::alive) {
        next_question_ = now + times_.interval;
    } else {
        // The first answer may take its time; then patience ends.
        next_question_ = now + (repeated ? times_.retry : 2 * times_.retry);
    }
}

HeartbeatState::Event HeartbeatState::on_answer(TimePoint now) {
    unanswered_since_.reset();
    next_question_ = std::max(now, last_question_ + times_.interval);
    if (phase_ == Phase::alive) return Event::none;
    if (phase_ == Phase::unarmed) {
        phase_ = Phase::alive;
        return Event::armed;
    }
    if (!answers_since_) answers_since_ = now;
    const auto needed = times_.settle * (1 << std::min(losses_ - 1, kMaxDoublings));
    if (now - *answers_since_ < needed) return Event::none;
    phase_ = Phase::alive;
    return Event::back;
}

HeartbeatState::Event HeartbeatState::on_refused(TimePoint now) {
    if (phase_ == Phase::silent) answers_since_.reset();
    if (phase_ != Phase::alive) return Event::none;
    next_question_ = now + times_.interval;
    return lose(Event::refused);
}

HeartbeatState::Event HeartbeatState::on_time(TimePoint now) {
    const auto gap = last_look_ ? now - *last_look_ : Duration::zero();
    last_look_ = now;
    if (!unanswered_since_) return Event::none;
    // We look more often than this while we wait: it was us who stood still.
    if (gap > 2 * times_.retry) *unanswered_since_ = std::min(now, *unanswered_since_ + gap);
    if (now - *unanswered_since_ < times_.silence) return Event::none;
    if (phase_ == Phase::silent) answers_since_.reset();
    if (phase_ != Phase::alive) return Event::none;
    return lose(Event::silent);
}

HeartbeatState::Event HeartbeatState::lose(Event why) {
    phase_ = Phase::silent;
    answers_since_.reset();
    ++losses_;
    return why;
}

Duration HeartbeatState::pause(TimePoint now) const {
    const Duration until_question = std::max<Duration>(next_question_ - now, milliseconds(1));
    // LIMIT: while an answer is missing, how late it may be noticed.
    return unanswered_since_ ? std::min<Duration>(until_question, times_.retry / 2)
                             : until_question;
}

}  // namespace jmeet::focus
