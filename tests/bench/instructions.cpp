// What a delivered packet costs in instructions: the real media loop and real clients on one
// thread in fake time, to be run under valgrind by tests/bench/guard.
//
//   bench_instructions video    1 camera of 9 packets a frame, its microphone, 20 receivers
//   bench_instructions audio    5 talkers of 21
//
// Counted is what run_counted() does: reading, SRTP, projections, sending, feedback, timers,
// allocation. Prints how many packets were delivered meanwhile.
#include <cstdio>
#include <cstring>

#include "base/log.hpp"
#include "tests/bench/one_thread.hpp"

using namespace jmeet;
using namespace jmeet::bench;

namespace {

constexpr int kPeople = 21;
constexpr int kTalkers = 5;
constexpr seconds kWarmUp{4};
constexpr seconds kCounted{3};
constexpr milliseconds kStep{1};

// The name that valgrind is told to count.
[[gnu::noinline]] void run_counted(OneThread& call) {
    call.run();
    // Not a tail call: what is counted ends with this function.
    asm volatile("" ::: "memory");
}

template <class Run>
void play(OneThread& call, People& people, Duration time, Run&& run) {
    for (const auto end = Clock::now() + time; Clock::now() < end;) {
        move_time(kStep);
        people.step(Clock::now());
        call.step_clients();
        run(call);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const bool video = argc > 1 && std::strcmp(argv[1], "video") == 0;
    jmeet::log::set_up(jmeet::log::Level::severe, "");
    OneThread call;
    People people;
    for (int i = 0; i < kPeople; ++i) people.add(call.join(i));
    for (auto& listener : people.listeners) listener->client().send_text(kWantVideo);
    if (video) people.cameras.emplace_back(people.listeners[0]->client(), 9);
    for (int i = 0; i < (video ? 1 : kTalkers); ++i) {
        people.microphones.emplace_back(people.listeners[static_cast<std::size_t>(i)]->client(),
                                        Clock::now() + milliseconds(4 * i));
    }
    play(call, people, kWarmUp, [](OneThread& c) { c.run(); });
    const auto before = people.received();
    play(call, people, kCounted, run_counted);
    std::printf("%llu\n", static_cast<unsigned long long>(people.received() - before));
}
