// The cost of forwarding: a whole bridge in this process, real clients around it over loopback.
//
// The bridge's media worker runs on core 0, everything else on core 1. Per variant: CPU seconds
// per million packets that arrived at receivers, of the media worker's thread and of its whole
// core; beside it the bare loop (bare_loop.hpp) with the same bursts on the same core. Medians of
// kRounds rounds. Whatever else runs on this machine disturbs: the core's figure at once, the
// threads' through the caches.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <thread>

#include "base/log.hpp"
#include "tests/bench/bare_loop.hpp"
#include "tests/bench/cores.hpp"
#include "tests/bench/people.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bench;

constexpr int kRounds = 5;
constexpr int kMediaCore = 0;
constexpr int kClientCore = 1;
constexpr milliseconds kRound{1'500};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// One conference under load.
class Loaded {
 public:
    explicit Loaded(BridgeConfig config) : call_(std::move(config)) {
        media_ = find_thread("media-0");
        pin(media_, kMediaCore);
    }

    TestClient& join(int number) {
        TestClient& client = call_.join(client_options(number));
        people_.add(client);
        return client;
    }
    People& people() { return people_; }
    Call& call() { return call_; }

    void run_for(Duration time) {
        const auto end = Clock::now() + time;
        while (Clock::now() < end) {
            call_.step();
            people_.step(Clock::now());
            std::this_thread::sleep_for(microseconds(500));
        }
    }

    struct Cost {
        double thread = 0;  // nanoseconds per packet
        double core = 0;
        double rate = 0;  // packets per second
    };
    // Nanoseconds of the media worker per second while nothing is forwarded.
    double idle_cost() {
        const auto thread = thread_cpu_ns(media_);
        const auto begin = Clock::now();
        run_for(kRound);
        const std::chrono::duration<double> time = Clock::now() - begin;
        return static_cast<double>(thread_cpu_ns(media_) - thread) / time.count();
    }
    Cost measure() {
        const auto packets = people_.received();
        const auto thread = thread_cpu_ns(media_);
        const auto core = core_busy_ns(kMediaCore);
        const auto begin = Clock::now();
        run_for(kRound);
        const std::chrono::duration<double> time = Clock::now() - begin;
        const auto sent = static_cast<double>(people_.received() - packets);
        return {static_cast<double>(thread_cpu_ns(media_) - thread) / sent,
                static_cast<double>(core_busy_ns(kMediaCore) - core) / sent, sent / time.count()};
    }

 private:
    Call call_;
    People people_;
    pid_t media_ = 0;
};

// `idle`: what the worker spends on others in a second, which the packets do not cost.
void print_cost(const char* name, Loaded& loaded, double bare, double idle = 0) {
    std::vector<double> thread;
    std::vector<double> core;
    std::vector<double> rate;
    for (int i = 0; i < kRounds; ++i) {
        const auto cost = loaded.measure();
        thread.push_back(cost.thread - idle / cost.rate);
        core.push_back(cost.core);
        rate.push_back(cost.rate);
    }
    std::printf("%-34s %8.0f %10.2f %10.2f %8.2f\n", name, median(rate), median(thread) / 1000,
                median(core) / 1000, median(thread) / bare);
    const auto& stats = loaded.call().bridge().stats().media;
    if (stats.transit.count() == 0) return;
    std::printf("%-34s p50 %lld us, p99 %lld us\n", "  arrival to send",
                static_cast<long long>(stats.transit.quantile(0.5).count()),
                static_cast<long long>(stats.transit.quantile(0.99).count()));
    std::fflush(stdout);
}

double print_bare(const char* name, const BareLoop::Work& work) {
    const double cost = BareLoop::cost_on(kMediaCore, work, kRounds, kRound / 2);
    const double rate = work.packets * work.receivers /
                        std::chrono::duration<double>(work.period).count();
    std::printf("%-34s %8.0f %10.2f %10s %8.2f\n", name, rate, cost / 1000, "", 1.0);
    std::fflush(stdout);
    return cost;
}

// Cameras of 2.5 Mb/s with their microphones, 51 people.
void add_video(Loaded& loaded, int cameras) {
    for (int i = 0; i < 51; ++i) loaded.join(i);
    for (auto& listener : loaded.people().listeners) listener->client().send_text(kWantVideo);
    const auto start = Clock::now();
    for (int i = 0; i < cameras; ++i) {
        auto& people = loaded.people();
        TestClient& client = people.listeners[static_cast<std::size_t>(i)]->client();
        people.cameras.emplace_back(client, 9);
        people.microphones.emplace_back(client, start + milliseconds(4) * i);
        loaded.run_for(milliseconds(7));  // cameras are not in step
    }
    loaded.run_for(seconds(3));
}

void run_video(const char* name, bool segmentation, double bare, int idle, int cameras = 1) {
    auto config = bench_config();
    config.segmentation = segmentation;
    Loaded loaded(config);
    for (int i = 0; i < idle; ++i) {
        loaded.call().join(client_options(1'000 + i), "idle-conference-" + std::to_string(i));
    }
    double own = 0;
    if (idle > 0) {
        loaded.run_for(seconds(3));
        std::vector<double> rounds;
        for (int i = 0; i < kRounds; ++i) rounds.push_back(loaded.idle_cost());
        own = median(rounds);
        std::printf("%-34s %8s %10.1f ms a second, taken off below\n", "1,000 idle conferences alone",
                    "", own / 1e6);
    }
    add_video(loaded, cameras);
    print_cost(name, loaded, bare, own);
}

// 10 talkers and 30 listeners, 80 bytes of Opus: 100 bytes with header and extension.
void run_audio(const char* name, double bare) {
    Loaded loaded(bench_config());
    for (int i = 0; i < 40; ++i) loaded.join(i);
    const auto start = Clock::now();
    for (int i = 0; i < 10; ++i) {
        loaded.people().microphones.emplace_back(loaded.people().listeners[static_cast<std::size_t>(
                                                     i)]->client(),
                                                 start + milliseconds(2) * i);
    }
    loaded.run_for(seconds(1));
    print_cost(name, loaded, bare);
}

}  // namespace

int main(int argc, char** argv) {
    const char* only = argc > 1 ? argv[1] : "";
    const auto wanted = [only](const char* name) { return !*only || !std::strcmp(only, name); };
    allow_many_sockets();
    jmeet::log::set_up(jmeet::log::Level::severe, "");
    pin(0, kClientCore);
    std::printf("%-34s %8s %10s %10s %8s\n", "AEAD_AES_128_GCM, loopback", "packets", "CPU s/M",
                "core s/M", "x bare");
    const double video = print_bare("bare loop, 1,150 bytes to 50", {});
    if (wanted("plain")) run_video("bridge, one send each", false, video, 0);
    if (wanted("segments")) run_video("bridge, UDP_SEGMENT", true, video, 0);
    if (wanted("cameras")) run_video("bridge, 5 cameras to 50", true, video, 0, 5);
    if (wanted("idle")) run_video("bridge, and 1,000 idle conferences", true, video, 1'000);
    if (!wanted("audio")) return 0;
    const double audio =
        print_bare("bare loop, 100 bytes to 39", {39, 1, 80, microseconds(2'000)});
    run_audio("bridge, 10 talkers of 40", audio);
}
