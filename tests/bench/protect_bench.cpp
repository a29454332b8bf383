// The cost of protecting one packet for one receiver: the most frequent work of a bridge.
//
// 50 receivers with 20 streams each, visited in the order of a fan-out, so that keys and cipher
// states are as cold as in a real call. Prints medians over rounds, in nanoseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "bridge/dtls/srtp.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bridge;

constexpr int kSessions = 50;
constexpr int kStreams = 20;
constexpr int kRounds = 200;
constexpr std::size_t kHeader = 12;

SrtpTransport make_session(SrtpProfile profile, int number) {
    SrtpKeys keys{profile, {}, {}};
    for (std::size_t i = 0; i < kMaxSrtpMasterLength; ++i) {
        keys.local[i] = static_cast<std::uint8_t>(number * 31 + static_cast<int>(i) * 7);
        keys.remote[i] = static_cast<std::uint8_t>(number * 17 + static_cast<int>(i) * 5 + 1);
    }
    auto made = SrtpTransport::make(keys);
    if (!made.has_value()) {
        std::fprintf(stderr, "%s\n", made.error().what.c_str());
        std::exit(1);
    }
    return std::move(made).value();
}

void write_header(std::uint8_t* packet, std::uint32_t ssrc, std::uint16_t sequence) {
    packet[0] = 0x80;
    packet[1] = 100;
    store_be16(packet + 2, sequence);
    store_be32(packet + 4, sequence * 3000u);
    store_be32(packet + 8, ssrc);
}

// Nanoseconds per packet: median, and the 90th percentile, over rounds.
std::pair<double, double> measure(SrtpProfile profile, std::size_t payload) {
    std::vector<SrtpTransport> sessions;
    for (int i = 0; i < kSessions; ++i) sessions.push_back(make_session(profile, i));
    std::vector<std::uint8_t> packet(kHeader + payload + SrtpTransport::kMaxTrailer);
    std::vector<double> rounds;
    for (int round = 0; round <= kRounds; ++round) {
        const auto begin = Clock::now();
        for (int stream = 0; stream < kStreams; ++stream) {
            for (SrtpTransport& session : sessions) {
                write_header(packet.data(), 1000u + static_cast<std::uint32_t>(stream),
                             static_cast<std::uint16_t>(round));
                std::size_t length = kHeader + payload;
                if (session.protect_rtp(packet.data(), length, packet.size()) != SrtpStatus::ok) {
                    std::fprintf(stderr, "protect failed\n");
                    std::exit(1);
                }
            }
        }
        const std::chrono::duration<double, std::nano> taken = Clock::now() - begin;
        // The first round makes the streams.
        if (round > 0) rounds.push_back(taken.count() / (kSessions * kStreams));
    }
    std::sort(rounds.begin(), rounds.end());
    return {rounds[rounds.size() / 2], rounds[rounds.size() * 9 / 10]};
}

}  // namespace

int main() {
    std::printf("protect_rtp, %d sessions of %d streams\n", kSessions, kStreams);
    std::printf("%-20s %8s %12s %12s\n", "profile", "payload", "median ns", "p90 ns");
    const std::pair<SrtpProfile, const char*> profiles[] = {
        {SrtpProfile::aead_aes_128_gcm, "AEAD_AES_128_GCM"},
        {SrtpProfile::aes128_cm_sha1_80, "AES128_CM_SHA1_80"}};
    for (const auto& [profile, name] : profiles) {
        for (const std::size_t payload : {std::size_t{1150}, std::size_t{100}}) {
            const auto [median, p90] = measure(profile, payload);
            std::printf("%-20s %8zu %12.0f %12.0f\n", name, payload, median, p90);
        }
    }
}
