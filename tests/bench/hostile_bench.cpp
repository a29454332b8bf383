// What the ill-behaved cost the others: how late ten talkers' voices are while everybody behaves,
// while one participant sends 50,000 datagrams of garbage a second, and while strangers from 4,000
// addresses send 50,000 checks a second with its ufrag and no password.
//
//   bench_hostile [SECONDS]      default: 10 seconds each
//
// Time from a talker's socket to a listener's, on one machine; the loop that reads does nothing
// else. Prints p50, p99 and the largest, and what the bridge did with the garbage.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "base/log.hpp"
#include "tests/bench/people.hpp"

using namespace jmeet;
using namespace jmeet::bench;

namespace {

constexpr int kTalkers = 10;
constexpr int kGarbagePerSecond = 50'000;

// Sends at its rate until it is told to stop, whatever the rest does.
class Flood {
 public:
    explicit Flood(std::function<void(std::uint64_t)> send_one)
        : send_one_(std::move(send_one)), thread_([this] { run(); }) {}
    ~Flood() {
        stop_ = true;
        thread_.join();
    }
    std::uint64_t sent() const { return sent_; }

 private:
    void run() {
        auto next = Clock::now();
        while (!stop_) {
            // LIMIT: what was missed on a busy machine is made up for, but not without end.
            next = std::max(next, Clock::now() - milliseconds(50));
            while (next <= Clock::now()) {
                for (int i = 0; i < kGarbagePerSecond / 1'000; ++i) send_one_(sent_++);
                next += milliseconds(1);
            }
            std::this_thread::sleep_until(next);
        }
    }

    std::function<void(std::uint64_t)> send_one_;
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> sent_{0};
    std::thread thread_;
};

// Sockets of nobody, each with an address of its own.
class Strangers {
 public:
    static constexpr std::uint32_t kCount = 4'000;

    explicit Strangers(std::uint16_t port) {
        to_.sin_family = AF_INET;
        to_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to_.sin_port = htons(port);
        for (std::uint32_t i = 0; i < kCount; ++i) {
            sockaddr_in from{};
            from.sin_family = AF_INET;
            from.sin_addr.s_addr = htonl(0x7f010001 + i);
            sockets_.push_back(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
            if (::bind(sockets_.back(), reinterpret_cast<const sockaddr*>(&from), sizeof from)) {
                throw std::runtime_error("no socket for a stranger");
            }
        }
    }
    ~Strangers() {
        for (const int fd : sockets_) ::close(fd);
    }
    void send(std::uint64_t number, BytesView datagram) {
        ::sendto(sockets_[number % kCount], datagram.data(), datagram.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to_), sizeof to_);
    }

 private:
    sockaddr_in to_{};
    std::vector<int> sockets_;
};

std::vector<std::uint8_t> forged_check(const TestClient& victim) {
    std::vector<std::uint8_t> block(300);
    StunWriter writer(block, StunClass::request, make_transaction(9));
    writer.username(victim.created().transport->ice->ufrag, "intruder");
    writer.controlled(1);
    writer.priority(1);
    const IntegrityKey key("not-the-password-of-this-endpoint");
    block.resize(writer.finish(&key));
    return block;
}

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

void print(const char* name, Delays delays, std::uint64_t garbage, const DropCounters& drops) {
    const auto looked_at = drops[DropReason::srtp_auth] + drops[DropReason::stun_bad_integrity];
    const auto policed =
        drops[DropReason::endpoint_over_rate] + drops[DropReason::strangers_over_rate];
    std::printf("%-28s %9zu %8.2f %8.2f %8.2f %10llu %12llu %12llu\n", name, delays.ms.size(),
                delays.at(0.5), delays.at(0.99), delays.at(1.0),
                static_cast<unsigned long long>(garbage),
                static_cast<unsigned long long>(looked_at),
                static_cast<unsigned long long>(policed));
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
                "max ms", "garbage", "looked at", "policed");
    measure(call, talkers, seconds(1));
    // Since the start; the worker tells its numbers once a second.
    const auto drops = [&]() -> const DropCounters& {
        call.run_for(milliseconds(1'500));
        return call.bridge().stats().media.drops;
    };
    auto quiet = measure(call, talkers, time);
    print("everybody behaves", std::move(quiet), 0, drops());
    const auto under = [&](const char* name, std::function<void(std::uint64_t)> send_one) {
        Delays delays;
        std::uint64_t garbage = 0;
        {
            Flood flood(std::move(send_one));
            delays = measure(call, talkers, time);
            garbage = flood.sent();
        }
        print(name, std::move(delays), garbage, drops());
    };
    std::vector<std::uint8_t> garbage(1'200, 0x5a);
    garbage[0] = 0x80;
    under("a participant's garbage", [&](std::uint64_t) {
        hostile.send_raw(hostile.bridge_address(), garbage);
    });
    Strangers strangers(call.bridge().media_port());
    const auto check = forged_check(hostile);
    under("4,000 strangers' checks",
          [&](std::uint64_t number) { strangers.send(number, check); });
    return 0;
}
