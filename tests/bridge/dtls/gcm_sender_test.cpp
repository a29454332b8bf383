#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "bridge/dtls/gcm_sender.hpp"

using namespace jmeet::bridge;

namespace {

constexpr std::size_t kHeader = 20;

std::vector<std::uint8_t> packet_of(std::size_t payload) {
    std::vector<std::uint8_t> packet(kHeader + payload + GcmSender::kTag);
    std::iota(packet.begin(), packet.end(), std::uint8_t{3});
    return packet;
}

}  // namespace

TEST_CASE("whatever encrypts, a packet is the same: payloads of 0 to 1,400 bytes") {
    std::vector<std::uint8_t> master(28);
    std::iota(master.begin(), master.end(), std::uint8_t{100});
    auto fastest = GcmSender::make(master.data());
    auto openssl = GcmSender::make(master.data(), GcmSender::Engine::openssl);
    REQUIRE(fastest);
    REQUIRE(openssl);
    for (std::size_t payload = 0; payload <= 1'400; payload += payload < 300 ? 1 : 37) {
        auto a = packet_of(payload);
        auto b = a;
        const auto clear = a;
        const std::uint64_t index = 65'000 + payload * 3;
        REQUIRE(fastest->protect(a.data(), kHeader, kHeader + payload, 0xdecafbad, index));
        REQUIRE(openssl->protect(b.data(), kHeader, kHeader + payload, 0xdecafbad, index));
        CHECK(a == b);
        CHECK(a != clear);
    }
}

TEST_CASE("a sender that moved protects as before") {
    const std::vector<std::uint8_t> master(28, 7);
    auto first = GcmSender::make(master.data());
    auto second = GcmSender::make(master.data());
    REQUIRE(first);
    REQUIRE(second);
    GcmSender moved(std::move(*first));
    auto a = packet_of(80);
    auto b = a;
    REQUIRE(moved.protect(a.data(), kHeader, kHeader + 80, 1, 2));
    REQUIRE(second->protect(b.data(), kHeader, kHeader + 80, 1, 2));
    CHECK(a == b);
}
