// What a bridge keeps in memory: fresh, per idle endpoint, per endpoint of a call of twenty.
//
// The bridge has a process of its own, the clients live in this one; what is counted is the bridge
// process's resident memory. Idle endpoints are connected (ICE, DTLS, an open data channel), two
// to a conference, and silent. In the call everybody sends one layer as in a tile view (30 packets
// of 600 bytes a second), two speak, and everybody sees everybody; a first such call brings what
// the worker needs once.
#include <cstdio>

#include "base/log.hpp"
#include "tests/bench/cores.hpp"
#include "tests/bench/remote_call.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bench;

constexpr int kIdle = 300;
constexpr int kCall = 20;

double kib(std::int64_t bytes) { return static_cast<double>(bytes) / 1024; }

void start_call(RemoteCall& call, int first_number, const std::string& meeting) {
    const std::size_t first = call.people().listeners.size();
    for (int i = 0; i < kCall; ++i) call.join(first_number + i, meeting);
    for (std::size_t i = first; i < first + kCall; ++i) {
        TestClient& client = call.people().listeners[i]->client();
        client.send_text(kWantVideo);
        call.people().cameras.emplace_back(client, 1, 600);
        if (i < first + 2) call.people().microphones.emplace_back(client, Clock::now());
    }
}

void measure(BridgeProcess& process) {
    const pid_t bridge = process.pid();
    RemoteCall call(process);
    // The first endpoint brings what is made once.
    call.join(0, "first");
    const auto fresh = resident(bridge);
    std::printf("%-44s %9.0f KiB resident, %.0f KiB its own\n", "fresh, one endpoint",
                kib(fresh.all), kib(fresh.own));
    for (int i = 1; i <= kIdle; ++i) call.join(i, "idle-" + std::to_string(i / 2));
    call.run_for(seconds(2));
    const auto idle = resident(bridge);
    std::printf("%-44s %9.1f KiB\n", "per idle endpoint", kib(idle.own - fresh.own) / kIdle);

    // The first call brings what the worker needs once; the second is measured.
    start_call(call, 1'000, "first-call");
    call.run_for(seconds(8));
    const auto before = resident(bridge);
    start_call(call, 2'000, "second-call");
    const auto packets = call.people().received();
    call.run_for(seconds(8));
    const auto after = resident(bridge);
    std::printf("%-44s %9.1f KiB (%.0f packets a second in two calls)\n",
                "per endpoint of a call of 20", kib(after.own - before.own) / kCall,
                static_cast<double>(call.people().received() - packets) / 8);
}

}  // namespace

int main() {
    allow_many_sockets();
    jmeet::log::set_up(jmeet::log::Level::severe, "");
    BridgeProcess bridge(bench_config());
    measure(bridge);
}
