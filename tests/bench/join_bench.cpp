// A crowd that joins at once beside a call: what a handshake costs, and how long the call's packets
// wait meanwhile.
//
// The bridge's media worker has core 0, everything else core 1. kCrowd clients have found their way
// (ICE) and then all begin DTLS; between any two steps of theirs a packet of the call is sent or
// looked for. Handshakes per second of the worker's CPU time include all that a join costs it
// there: ICE, DTLS as the server, SRTP keys, the data channel, and allocation.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "base/log.hpp"
#include "tests/bench/cores.hpp"
#include "tests/bench/people.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bench;

constexpr int kCrowd = 600;
constexpr int kRoom = 5;
constexpr milliseconds kBetween{2};

// Two people; the time that one packet takes from the one to the other, again and again.
class Probe {
 public:
    explicit Probe(Call& call)
        : talker_(call.join(client_options(0), "probe")),
          listener_(call.join(client_options(1), "probe")) {}

    void step() {
        const auto now = Clock::now();
        listener_.step(now);
        talker_.step(now);
        if (sent_ && !listener_.rtp.empty()) {
            times_.push_back(now - *sent_);
            sent_.reset();
        }
        listener_.rtp.clear();
        if (sent_ && now - *sent_ > seconds(1)) sent_.reset();
        if (sent_ || now < next_) return;
        next_ = now + kBetween;
        sent_ = Clock::now();
        talker_.send_audio(20, now);
    }
    void print(const char* when) {
        std::sort(times_.begin(), times_.end());
        const auto at = [this](double q) {
            const auto i = static_cast<std::size_t>(q * static_cast<double>(times_.size() - 1));
            return std::chrono::duration<double, std::milli>(times_[i]).count();
        };
        std::printf("%-34s %6zu packets, p50 %.2f ms, p99 %.2f ms, max %.2f ms\n", when,
                    times_.size(), at(0.5), at(0.99), at(1));
        times_.clear();
    }

 private:
    TestClient& talker_;
    TestClient& listener_;
    std::optional<TimePoint> sent_;
    TimePoint next_{};
    std::vector<Duration> times_;
};

}  // namespace

int main() {
    allow_many_sockets();
    jmeet::log::set_up(jmeet::log::Level::severe, "");
    pin(0, 1);
    Call call(bench_config());
    const pid_t media = find_thread("media-0");
    pin(media, 0);
    Probe probe(call);
    for (const auto end = Clock::now() + seconds(3); Clock::now() < end;) probe.step();
    probe.print("alone");

    for (int i = 0; i < kCrowd; ++i) {
        call.begin(client_options(10 + i), "crowd-" + std::to_string(i / kRoom));
    }
    const auto begin = Clock::now();
    const auto before = thread_cpu_ns(media);
    const auto joined = [&] {
        return std::ranges::all_of(call.clients(), [](const auto& client) {
            return client->connected() && client->channel_open();
        });
    };
    while (!joined()) {
        if (Clock::now() - begin > seconds(60)) {
            std::puts("some did not connect within a minute");
            return 1;
        }
        for (const auto& client : call.clients()) {
            client->step(Clock::now());
            probe.step();
        }
        call.tick();
    }
    const std::chrono::duration<double> time = Clock::now() - begin;
    const double cpu = static_cast<double>(thread_cpu_ns(media) - before) / 1e9;
    probe.print("while a crowd joins");
    std::printf("%d joins in %.2f s; %.0f us of the worker's CPU each: %.0f a second on one core\n",
                kCrowd, time.count(), cpu / kCrowd * 1e6, kCrowd / cpu);
}
