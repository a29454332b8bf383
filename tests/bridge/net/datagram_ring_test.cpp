#include "bridge/net/datagram_ring.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace jmeet;
using namespace jmeet::bridge;

namespace {
const Address kFrom = *Address::parse("192.0.2.1", 4000);
constexpr TimePoint kArrival{seconds(7)};

BytesView bytes_of(const std::uint64_t& number) {
    return {reinterpret_cast<const std::uint8_t*>(&number), sizeof number};
}
std::uint64_t number_in(const PacketPtr& packet) {
    std::uint64_t number = 0;
    REQUIRE(packet.size() == sizeof number);
    std::memcpy(&number, packet.data(), sizeof number);
    return number;
}
}  // namespace

TEST_CASE("a datagram ring gives what was put, in order, with its source and arrival") {
    DatagramRing ring;
    PacketPool pool(2, 2);
    PacketPtr packet = pool.take();
    Address from;
    CHECK_FALSE(ring.has_more());
    CHECK_FALSE(ring.take(packet, from));
    // Several rounds.
    for (std::uint64_t i = 0; i < 3 * DatagramRing::kSlots; i += 2) {
        REQUIRE(ring.put(bytes_of(i), kFrom, kArrival));
        REQUIRE(ring.put(bytes_of(i + 1), kFrom.with_port(5), kArrival + seconds(1)));
        REQUIRE(ring.take(packet, from));
        CHECK(number_in(packet) == i);
        CHECK(from == kFrom);
        CHECK(packet.arrival() == kArrival);
        REQUIRE(ring.take(packet, from));
        CHECK(number_in(packet) == i + 1);
        CHECK(from.port() == 5);
    }
    CHECK_FALSE(ring.has_more());
}

TEST_CASE("a full datagram ring refuses, and takes again when its owner has taken") {
    DatagramRing ring;
    PacketPool pool(1, 1);
    PacketPtr packet = pool.take();
    Address from;
    for (std::uint64_t i = 0; i < DatagramRing::kSlots; ++i) {
        REQUIRE(ring.put(bytes_of(i), kFrom, kArrival));
    }
    const std::uint64_t late = 4711;
    CHECK_FALSE(ring.put(bytes_of(late), kFrom, kArrival));
    REQUIRE(ring.take(packet, from));
    CHECK(number_in(packet) == 0);
    CHECK(ring.put(bytes_of(late), kFrom, kArrival));
    CHECK_FALSE(ring.put(bytes_of(late), kFrom, kArrival));
}

TEST_CASE("a datagram ring refuses what no block can hold") {
    DatagramRing ring;
    CHECK_FALSE(ring.put(std::vector<std::uint8_t>(kPacketCapacity + 1), kFrom, kArrival));
    CHECK(ring.put(std::vector<std::uint8_t>(kPacketCapacity), kFrom, kArrival));
}

TEST_CASE("several workers put at once: nothing is lost, and each one's order is kept") {
    constexpr std::uint64_t kEach = 20'000;
    constexpr std::uint64_t kWorkers = 3;
    DatagramRing ring;
    std::vector<std::thread> workers;
    for (std::uint64_t w = 0; w < kWorkers; ++w) {
        workers.emplace_back([&ring, w] {
            for (std::uint64_t i = 0; i < kEach; ++i) {
                while (!ring.put(bytes_of(w << 32 | i), kFrom, kArrival)) std::this_thread::yield();
            }
        });
    }
    PacketPool pool(1, 1);
    PacketPtr packet = pool.take();
    Address from;
    std::array<std::uint64_t, kWorkers> next{};
    bool in_order = true;
    for (std::uint64_t taken = 0; taken < kEach * kWorkers;) {
        if (!ring.take(packet, from)) {
            std::this_thread::yield();
            continue;
        }
        const auto number = number_in(packet);
        in_order &= next[number >> 32]++ == (number & 0xffffffff);
        ++taken;
    }
    CHECK(in_order);
    for (auto& worker : workers) worker.join();
    CHECK_FALSE(ring.has_more());
}
