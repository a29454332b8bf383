// Many small conferences on one media worker and on two: what a packet costs, how even the load
// is, and what the busiest worker could carry.
//
// kRooms rooms of three, everybody with a camera of 300 kb/s and a microphone. The generator needs
// CPU of its own, so wall-clock throughput says little on two cores: the figure is packets per
// second of CPU time of the busiest worker, which is what one core per worker would deliver.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/log.hpp"
#include "tests/bench/cores.hpp"
#include "tests/bench/people.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bench;

constexpr int kRooms = 12;
constexpr int kPeople = 3;
constexpr seconds kTime{4};

class Rooms {
 public:
    explicit Rooms(std::size_t workers) : call_(config(workers)) {
        for (std::size_t i = 0; i < workers; ++i) {
            media_.push_back(find_thread("media-" + std::to_string(i)));
        }
        for (int i = 0; i < kRooms * kPeople; ++i) {
            auto& client = call_.join(client_options(i), "room-" + std::to_string(i / kPeople));
            people_.add(client);
            client.send_text(kWantVideo);
            people_.cameras.emplace_back(client, 1);
            people_.microphones.emplace_back(client, Clock::now());
        }
    }

    void run_for(Duration time) {
        for (const auto end = Clock::now() + time; Clock::now() < end;) {
            call_.step();
            people_.step(Clock::now());
            std::this_thread::sleep_for(microseconds(500));
        }
    }

    // Packets per CPU second of the busiest worker.
    double measure(const char* when) {
        const auto packets = people_.received();
        const auto handed = handed_over();
        const auto before = cpu();
        run_for(kTime);
        const auto sent = static_cast<double>(people_.received() - packets);
        double all = 0;
        double most = 0;
        const auto after = cpu();
        for (std::size_t i = 0; i < after.size(); ++i) {
            const double one = static_cast<double>(after[i] - before[i]) / 1e9;
            all += one;
            most = std::max(most, one);
        }
        const std::chrono::duration<double> time = kTime;
        std::printf("%7zu  %-16s %9.0f %9.2f %9.0f%% %12.0f %10llu\n", media_.size(), when,
                    sent / time.count(), all / sent * 1e6, most / all * 100, sent / most,
                    static_cast<unsigned long long>(handed_over() - handed));
        std::fflush(stdout);
        return sent / most;
    }

 private:
    static BridgeConfig config(std::size_t workers) {
        auto config = bench_config();
        config.media_workers = workers;
        return config;
    }
    std::vector<std::int64_t> cpu() const {
        std::vector<std::int64_t> out;
        for (const auto thread : media_) out.push_back(thread_cpu_ns(thread));
        return out;
    }
    std::uint64_t handed_over() { return call_.bridge().stats().media.packets_handed_over; }

    Call call_;
    People people_;
    std::vector<pid_t> media_;
};

}  // namespace

int main() {
    allow_many_sockets();
    jmeet::log::set_up(jmeet::log::Level::severe, "");
    std::printf("workers  %-16s %9s %9s %10s %12s %10s\n", "", "packets/s", "CPU s/M", "busiest",
                "packets/CPU s", "handed over");
    double one = 0;
    double two = 0;
    for (const std::size_t workers : {1, 2}) {
        Rooms rooms(workers);
        rooms.run_for(seconds(3));
        rooms.measure("");
        (workers == 1 ? one : two) = rooms.measure("");
    }
    std::printf("scaling: %.2f\n", two / one);
}
