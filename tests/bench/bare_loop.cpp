#include "tests/bench/bare_loop.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "base/bytes.hpp"
#include "tests/bench/cores.hpp"

namespace jmeet::bench {
namespace {

constexpr std::size_t kHeader = 20;  // fixed header and one extension word

bridge::SrtpTransport make_session(int number) {
    bridge::SrtpKeys keys{bridge::SrtpProfile::aead_aes_128_gcm, {}, {}};
    for (std::size_t i = 0; i < bridge::kMaxSrtpMasterLength; ++i) {
        keys.local[i] = static_cast<std::uint8_t>(number * 31 + static_cast<int>(i) * 7);
        keys.remote[i] = static_cast<std::uint8_t>(number * 17 + static_cast<int>(i) * 5 + 1);
    }
    auto made = bridge::SrtpTransport::make(keys);
    if (!made) throw std::runtime_error(made.error().what);
    return std::move(*made);
}

int open_socket(sockaddr_in& name) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof name;
    auto* raw = reinterpret_cast<sockaddr*>(&name);
    if (fd < 0 || ::bind(fd, raw, length) != 0 || ::getsockname(fd, raw, &length) != 0) {
        throw std::runtime_error("no UDP socket on loopback");
    }
    return fd;
}

}  // namespace

BareLoop::BareLoop(const Work& work) : work_(work) {
    sockaddr_in name{};
    out_ = open_socket(name);
    for (int i = 0; i < work_.receivers; ++i) {
        in_.push_back(open_socket(name));
        to_.push_back(name);
        sessions_.push_back(make_session(i));
    }
    for (int i = 0; i < work_.packets; ++i) {
        auto& packet = received_.emplace_back(kHeader + work_.payload, std::uint8_t{0x55});
        packet[0] = 0x90;
        packet[1] = 100;
        store_be16(&packet[12], 0xbede);
        store_be16(&packet[14], 1);
        store_be32(&packet[16], 0x51000000);
    }
}

BareLoop::~BareLoop() {
    ::close(out_);
    for (const int fd : in_) ::close(fd);
}

double BareLoop::run(Duration time) {
    const auto end = Clock::now() + time;
    auto next = Clock::now();
    std::int64_t cpu = 0;
    std::int64_t sent = 0;
    while (Clock::now() < end) {
        const auto before = own_cpu_ns();
        burst();
        cpu += own_cpu_ns() - before;
        sent += std::int64_t{work_.packets} * work_.receivers;
        next += work_.period;
        std::this_thread::sleep_until(next);
    }
    return static_cast<double>(cpu) / static_cast<double>(sent);
}

void BareLoop::burst() {
    std::array<std::uint8_t, 1500> out;
    for (const auto& packet : received_) {
        ++seq_;
        for (std::size_t i = 0; i < sessions_.size(); ++i) {
            std::memcpy(out.data(), packet.data(), packet.size());
            store_be16(&out[2], seq_);
            store_be32(&out[4], seq_ * 3000u);
            store_be32(&out[8], 1000u + static_cast<std::uint32_t>(i));
            std::size_t length = packet.size();
            sessions_[i].protect_rtp(out.data(), length, out.size());
            ::sendto(out_, out.data(), length, 0, reinterpret_cast<const sockaddr*>(&to_[i]),
                     sizeof to_[i]);
        }
    }
}

void BareLoop::drain() {
    std::array<std::uint8_t, 2048> block;
    for (const int fd : in_) {
        while (::recv(fd, block.data(), block.size(), 0) > 0) {
        }
    }
}

double BareLoop::cost_on(int core, const Work& work, int runs, Duration time) {
    BareLoop loop(work);
    std::vector<double> costs;
    std::atomic<bool> done{false};
    std::thread worker([&] {
        pin(0, core);
        loop.run(milliseconds(200));
        for (int i = 0; i < runs; ++i) costs.push_back(loop.run(time));
        done = true;
    });
    while (!done) {
        loop.drain();
        std::this_thread::sleep_for(microseconds(500));
    }
    worker.join();
    std::sort(costs.begin(), costs.end());
    return costs[costs.size() / 2];
}

}  // namespace jmeet::bench
