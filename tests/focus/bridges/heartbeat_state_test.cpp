// In simulated time: a bridge that answers as `answers` says, asked as the focus asks.
#include "focus/bridges/heartbeat_state.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <random>
#include <vector>

namespace jmeet::focus {
namespace {

using Event = HeartbeatState::Event;

struct Watch {
    HeartbeatState state{HeartbeatTimes{}};
    TimePoint start = TimePoint{} + std::chrono::hours(1);
    TimePoint now = start;
    // Whether a question of this moment is answered.
    std::function<bool(milliseconds)> answers = [](milliseconds) { return true; };
    milliseconds way{20};
    std::vector<std::pair<Event, milliseconds>> events;
    std::vector<TimePoint> on_the_way;
    int questions = 0;

    milliseconds at() const { return std::chrono::duration_cast<milliseconds>(now - start); }
    void note(Event event) {
        if (event != Event::none) events.emplace_back(event, at());
    }
    void run(milliseconds until) {
        while (at() < until) {
            Event event = Event::none;
            if (std::erase_if(on_the_way, [&](TimePoint t) { return t <= now; }) > 0) {
                event = state.on_answer(now);
            }
            if (event == Event::none) event = state.on_time(now);
            note(event);
            if (state.due(now)) {
                ++questions;
                state.on_asked(now);
                if (answers(at())) on_the_way.push_back(now + way);
            }
            now += state.pause(now);
        }
    }
};

TEST_CASE_FIXTURE(Watch, "two questions a second while all is well, and no alarm in an hour") {
    run(std::chrono::hours(1));
    REQUIRE(events.size() == 1);
    CHECK(events[0].first == Event::armed);
    CHECK(questions > 7'000);
    CHECK(questions < 7'300);
}

TEST_CASE_FIXTURE(Watch, "a bridge that never answered is no alarm: its port may be closed to us") {
    answers = [](milliseconds) { return false; };
    run(seconds(60));
    CHECK(events.empty());
    CHECK(!state.armed());
    CHECK(state.on_refused(now) == Event::none);
}

TEST_CASE_FIXTURE(Watch, "silence is noticed within 1.8 s, whenever it begins") {
    for (int shift = 0; shift < 500; shift += 50) {
        Watch watch;
        const milliseconds fault(10'000 + shift);
        watch.answers = [fault](milliseconds t) { return t < fault; };
        watch.run(seconds(20));
        REQUIRE(watch.events.size() == 2);
        CHECK(watch.events[1].first == Event::silent);
        CHECK(watch.events[1].second - fault <= milliseconds(1'800));
        CHECK(watch.events[1].second - fault >= milliseconds(900));
    }
}

TEST_CASE_FIXTURE(Watch, "a refused port counts at once") {
    run(seconds(5));
    CHECK(state.on_refused(now) == Event::refused);
    CHECK(state.silent());
}

TEST_CASE_FIXTURE(Watch, "lost packets are not silence") {
    std::minstd_rand random(7);
    // 30 % in each direction.
    answers = [&random](milliseconds) { return random() % 100 < 49; };
    run(std::chrono::minutes(10));
    CHECK(events.size() == 1);
}

TEST_CASE_FIXTURE(Watch, "slow is not dead: answers that take 700 ms keep it alive") {
    run(seconds(5));
    way = milliseconds(700);
    run(std::chrono::minutes(10));
    CHECK(events.size() == 1);
}

TEST_CASE_FIXTURE(Watch, "the time in which we stood still does not count") {
    run(seconds(5));
    answers = [](milliseconds t) { return t < seconds(5) || t > milliseconds(65'300); };
    // A question is out when this process is frozen for a minute.
    state.on_asked(now);
    state.on_time(now);
    now += seconds(60);
    note(state.on_time(now));
    run(seconds(80));
    CHECK(events.size() == 1);
}

TEST_CASE_FIXTURE(Watch, "it is used again after it has answered for a while, each time longer") {
    const auto dead = [](milliseconds t) {
        return (t > seconds(10) && t < seconds(20)) || (t > seconds(40) && t < seconds(50));
    };
    answers = [dead](milliseconds t) { return !dead(t); };
    run(seconds(100));
    REQUIRE(events.size() == 5);
    CHECK(events[2].first == Event::back);
    CHECK(events[2].second >= seconds(22));
    CHECK(events[2].second < seconds(24));
    CHECK(events[3].first == Event::silent);
    CHECK(events[4].first == Event::back);
    CHECK(events[4].second >= seconds(54));
    CHECK(events[4].second < seconds(56));
}

TEST_CASE_FIXTURE(Watch, "one that flaps waits a minute at most") {
    answers = [](milliseconds t) { return t.count() / 1'000 % 80 < 75; };
    run(std::chrono::hours(2));
    const auto [last, when] = events.back();
    CHECK(events.size() > 100);
    // Always used again within 75 s of answers.
    for (std::size_t i = 2; i < events.size(); i += 2) CHECK(events[i].first == Event::back);
    CHECK(when > std::chrono::minutes(115));
    CHECK((last == Event::back || last == Event::silent));
}

}  // namespace
}  // namespace jmeet::focus
