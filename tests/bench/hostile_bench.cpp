// What one participant who sends garbage costs the others: how late ten talkers' voices are with a
// participant who sends nothing, and with one who sends 50,000 datagrams a second of its own
// address' garbage.
//
//   bench_hostile [SECONDS]      default: 10 seconds each
//
// Time from a talker's socket to a listener's, on one machine; the loop that reads does nothing
// else. Prints p50, p99 and the largest, and what the bridge did with the garbage.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "tests/bench/people.hpp"

using namespace jmeet;
using namespace jmeet::bench;

namespace {

constexpr int kTalkers = 10;
constexpr int kGarbagePerSecond = 50'000;

// Sends at its rate until it is told to stop, whatever the rest does.
class Flood {
 public:
    explicit Flood(TestClient& from) : thread_([this, &from] { run(from); }) {}
    ~Flood() {
        stop_ = true;
        thread_.join();
    }
    std::uint64_t sent() const { return sent_; }

 private:
    void run(TestClient& from) {
        std::vector<std::uint8_t> garbage(1'200, 0x5a);
        garbage[0] = 0x80;
        const Address to = from.bridge_address();
        auto next = Clock::now();
        while (!stop_) {
            // LIMIT: what was missed on a busy machine is made up for, but not without end.
            next = std::max(next, Clock::now() - milliseconds(50));
            while (next <= Clock::now()) {
                for (int i = 0; i < kGarbagePerSecond / 1'000; ++i, ++sent_) {
                    from.send_raw(to, garbage);
                }
                next += milliseconds(1);
            }
            std::this_thread::sleep_until(next);
        }
    }

    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> sent_{0};
    std::thread thread_;
};

struct Delays {
    std::vector<double> ms;

    double at(double quantile) {
        if (ms.empty()) return 0;
        std::sort(ms.begin(), ms.end());
        return ms[static_cast<std::size_t>(quantile * static_cast<double>(ms.size() - 1))];
    }
};

// One talker, and when each of its packets was sent.
struct Talker {
    TestClient* client;
    std::vector<TimePoint> sent{};
    std::optional<std::uint16_t> first{};  // number of its first packet, as the others get it
};

// Everybody talks every 20 ms; what arrives is timed.
Delays measure(Call& call, std::vector<Talker>& talkers, Duration time) {
    Delays delays;
    const auto end = Clock::now() + time;
    auto next = Clock::now();
    for (auto& t : talkers) t.sent.clear(), t.first.reset();
    for (const auto& c : call.clients()) c->rtp.clear();
    while (Clock::now() < end) {
        const auto now = Clock::now();
        if (now >= next) {
            next += milliseconds(20);
            for (auto& t : talkers) {
                t.sent.push_back(Clock::now());
                t.client->send_audio(10, now);
            }
        }
        call.step();
        TestClient& listener = *call.clients().front();
        const auto arrived = Clock::now();
        for (const auto& packet : listener.rtp) {
            const auto rtp = packet.view();
            for (auto& t : talkers) {
                if (rtp.ssrc() != t.client->audio_ssrc()) continue;
                if (!t.first) t.first = rtp.seq();
                const std::uint16_t index = static_cast<std::uint16_t>(rtp.seq() - *t.first);
                if (index >= t.sent.size()) continue;
                delays.ms.push_back(
                    std::chrono::duration<double, std::milli>(arrived - t.sent[index]).count());
            }
        }
        for (const auto& c : call.clients()) c->rtp.clear(), c->rtcp.clear(), c->texts.clear();
    }
    return delays;
}

void print(const char* name, Delays delays, std::uint64_t garbage, const MediaCounters& counters) {
    std::printf("%-28s %9zu %8.2f %8.2f %8.2f %10llu %12llu %12llu\n", name, delays.ms.size(),
                delays.at(0.5), delays.at(0.99), delays.at(1.0),
                static_cast<unsigned long long>(garbage),
                static_cast<unsigned long long>(counters.drops[DropReason::srtp_auth]),
                static_cast<unsigned long long>(counters.drops[DropReason::endpoint_over_rate]));
}

}  // namespace

int main(int argc, char** argv) {
    const auto time = seconds(argc > 1 ? std::atoi(argv[1]) : 10);
    allow_many_sockets();
    jmeet::log::set_up(jmeet::log::Level::severe, "");
    Call call(bench_config());
    std::vector<Talker> talkers;
    call.join(client_options(0));
    for (int i = 1; i <= kTalkers; ++i) talkers.push_back({&call.join(client_options(i))});
    TestClient& hostile = call.join(client_options(kTalkers + 1));

    std::printf("%-28s %9s %8s %8s %8s %10s %12s %12s\n", "", "packets", "p50 ms", "p99 ms",
                "max ms", "garbage", "decrypted", "policed");
    measure(call, talkers, seconds(1));
    const auto counters = [&]() -> const MediaCounters& {
        call.run_for(milliseconds(1'500));  // the worker tells its numbers once a second
        return call.bridge().stats().media;
    };
    auto quiet = measure(call, talkers, time);
    print("everybody behaves", std::move(quiet), 0, counters());
    std::uint64_t garbage = 0;
    Delays noisy;
    {
        Flood flood(hostile);
        noisy = measure(call, talkers, time);
        garbage = flood.sent();
    }
    print("one sends 50,000 a second", std::move(noisy), garbage, counters());
    return 0;
}
