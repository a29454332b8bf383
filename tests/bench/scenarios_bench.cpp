// Whole conferences, each with a fresh bridge in a process of its own on core 0; its clients are on
// core 1 and behave as browsers do (listener.hpp).
//
//   A  1 camera of 720p at 2.5 Mb/s in 3 temporal layers, its microphone, 50 receivers
//   B  8 people in simulcast, one on stage at 720p, the rest at 180p
//   C  40 people, 3 talk, one shares a screen at 1.5 Mb/s
//   D  12 rooms of 3 in simulcast, everybody at 360p
//   F  10 talkers, 40 listeners, audio alone
//
// Printed: packets delivered per second; CPU seconds per million of them, of the bridge's process
// and of its whole core with the kernel's part (/proc/stat less idle); the former against the bare
// loop of like bursts (bare_loop.hpp) in the same run; how late packets come, from the sender's
// stamp to the receiver's kernel; from the request for an endpoint to its first media; what is
// resident at the end. Estimates are made but do not decide. Whatever else runs on core 0 counts in
// the core's figure.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "base/log.hpp"
#include "tests/bench/bare_loop.hpp"
#include "tests/bench/cores.hpp"
#include "tests/bench/remote_call.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bench;

constexpr int kBridgeCore = 0;
constexpr int kClientCore = 1;
constexpr seconds kWarmUp{2};
constexpr seconds kMeasured{5};

double quantile(std::vector<double>& values, double q) {
    if (values.empty()) return 0;
    const auto place = static_cast<std::size_t>(q * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place),
                     values.end());
    return values[place];
}

// One scenario's people.
class Scene {
 public:
    Scene() : bridge_(bench_config(), kBridgeCore), call_(bridge_) {}

    TestClient& join(int encodings = 1, const std::string& meeting = "meeting") {
        ClientOptions options = client_options(number_++);
        options.video_encodings = encodings;
        joined_ns_.push_back(TestClient::wall_ns());
        TestClient& client = call_.join(std::move(options), meeting);
        client.stamp_payloads = true;
        return client;
    }
    void speak(TestClient& client) {
        const auto first = Clock::now() + milliseconds(2) * people().microphones.size();
        people().microphones.emplace_back(client, first);
    }
    // 0.2, 0.6 and 2.5 Mb/s.
    void film_in_layers(TestClient& client) {
        people().cameras.emplace_back(client, 1, 830, 0);
        people().cameras.emplace_back(client, 2, 1'150, 1);
        people().cameras.emplace_back(client, 9, 1'150, 2);
    }
    People& people() { return call_.people(); }
    RemoteCall& call() { return call_; }

    void measure(char name, double bare_ns) {
        call_.run_for(kWarmUp);
        std::vector<double> first_media;
        for (std::size_t i = 0; i < joined_ns_.size(); ++i) {
            const auto first = people().listeners[i]->first_media_ns();
            if (first == 0) continue;
            first_media.push_back(static_cast<double>(first - joined_ns_[i]) / 1e6);
        }
        for (auto& listener : people().listeners) listener->take_lateness_us();
        const auto packets = people().received();
        const auto process = process_cpu_ns(bridge_.pid());
        const auto core = core_busy_ns(kBridgeCore);
        call_.run_for(kMeasured);
        const double core_ns = static_cast<double>(core_busy_ns(kBridgeCore) - core);
        const double own_ns = static_cast<double>(process_cpu_ns(bridge_.pid()) - process);
        const auto got = static_cast<double>(people().received() - packets);
        std::vector<double> late;
        for (auto& listener : people().listeners) {
            const auto some = listener->take_lateness_us();
            late.insert(late.end(), some.begin(), some.end());
        }
        std::printf("%c %9.0f %8.2f %8.2f %7.2f %8.2f %8.2f %9.1f %8.1f\n", name,
                    got / std::chrono::duration<double>(kMeasured).count(), own_ns / got / 1'000,
                    core_ns / got / 1'000, own_ns / got / bare_ns, quantile(late, 0.5) / 1'000,
                    quantile(late, 0.99) / 1'000, quantile(first_media, 0.5),
                    static_cast<double>(resident(bridge_.pid()).own) / (1 << 20));
        std::fflush(stdout);
    }

 private:
    BridgeProcess bridge_;
    RemoteCall call_;
    std::vector<std::int64_t> joined_ns_;
    int number_ = 0;
};

void fill_a(Scene& scene) {
    TestClient& publisher = scene.join();
    scene.people().cameras.emplace_back(publisher, 9, Camera::kPayload, 0, Camera::Layers::three);
    scene.speak(publisher);
    for (int i = 0; i < 50; ++i) scene.join().send_text(kWantVideo);
}

void fill_b(Scene& scene) {
    std::vector<TestClient*> all;
    for (int i = 0; i < 8; ++i) {
        TestClient& client = scene.join(3);
        scene.film_in_layers(client);
        scene.speak(client);
        all.push_back(&client);
    }
    for (TestClient* client : all) {
        const std::string stage = (client == all[0] ? all[1] : all[0])->id() + "-v0";
        client->send_text(R"({"colibriClass":"ReceiverVideoConstraints","lastN":-1,)"
                          R"("onStageSources":[")" + stage +
                          R"("],"defaultConstraints":{"maxHeight":180},"constraints":{")" + stage +
                          R"(":{"maxHeight":720}}})");
    }
}

void fill_c(Scene& scene) {
    TestClient& sharer = scene.join();
    sharer.send_text(R"({"colibriClass":"SourceVideoTypeMessage","sourceName":")" + sharer.id() +
                     R"(-v0","videoType":"desktop"})");
    scene.people().cameras.emplace_back(sharer, 5, 1'250);
    scene.speak(sharer);
    for (int i = 1; i < 40; ++i) {
        TestClient& client = scene.join();
        client.send_text(kWantVideo);
        if (i < 3) scene.speak(client);
    }
}

void fill_d(Scene& scene) {
    for (int room = 0; room < 12; ++room) {
        for (int i = 0; i < 3; ++i) {
            TestClient& client = scene.join(3, "meeting-" + std::to_string(room));
            scene.film_in_layers(client);
            scene.speak(client);
            client.send_text(R"({"colibriClass":"ReceiverVideoConstraints","lastN":-1,)"
                             R"("defaultConstraints":{"maxHeight":360}})");
        }
    }
}

void fill_f(Scene& scene) {
    for (int i = 0; i < 50; ++i) {
        TestClient& client = scene.join();
        if (i < 10) scene.speak(client);
    }
}

struct Scenario {
    char name;
    void (*fill)(Scene&);
    BareLoop::Work like;
};

// The bare loop's bursts are those that a receiver of that scenario sees most of.
const Scenario kScenarios[]{
    {'A', fill_a, {50, 9, 1'150, microseconds(33'333)}},
    {'B', fill_b, {8, 15, 1'000, microseconds(33'333)}},
    {'C', fill_c, {39, 5, 1'250, microseconds(33'333)}},
    {'D', fill_d, {2, 24, 1'150, microseconds(11'111)}},
    {'F', fill_f, {49, 1, 80, microseconds(2'000)}},
};

}  // namespace

int main(int argc, char** argv) {
    allow_many_sockets();
    jmeet::log::set_up(jmeet::log::Level::severe, "");
    pin(0, kClientCore);
    std::printf("  %9s %8s %8s %7s %17s %9s %8s\n", "packets", "bridge", "core", "", "late, ms",
                "first", "resident");
    std::printf("  %9s %8s %8s %7s %8s %8s %9s %8s\n", "a second", "CPU s/M", "CPU s/M", "x bare",
                "p50", "p99", "media ms", "MiB");
    for (const Scenario& scenario : kScenarios) {
        if (argc > 1 && !std::strchr(argv[1], scenario.name)) continue;
        const double bare = BareLoop::cost_on(kBridgeCore, scenario.like, 3, milliseconds(500));
        Scene scene;
        scenario.fill(scene);
        scene.measure(scenario.name, bare);
    }
}
