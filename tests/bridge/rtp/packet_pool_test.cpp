#include "bridge/rtp/packet_pool.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("a pool grows in chunks up to its bound and then refuses") {
    PacketPool pool(5, 2);
    std::vector<PacketPtr> held;
    for (int i = 0; i < 5; ++i) {
        held.push_back(pool.take());
        REQUIRE(held.back());
    }
    CHECK(pool.allocated() == 5);
    CHECK(pool.in_use() == 5);
    CHECK_FALSE(pool.take());
    CHECK(pool.refused() == 1);
    held.pop_back();
    CHECK(pool.in_use() == 4);
    CHECK(pool.take());
}

TEST_CASE("freed blocks are used again and nothing more is allocated") {
    PacketPool pool(64, 4);
    const std::uint8_t* first = pool.take().data();
    for (int i = 0; i < 1000; ++i) CHECK(pool.take().data() == first);
    CHECK(pool.allocated() == 4);
    pool.warm_up(30);
    CHECK(pool.allocated() == 32);
    pool.warm_up(1000);
    CHECK(pool.allocated() == 64);
}

TEST_CASE("blocks are aligned and do not overlap") {
    PacketPool pool(16, 8);
    std::vector<PacketPtr> held;
    for (int i = 0; i < 16; ++i) {
        held.push_back(pool.take());
        CHECK(reinterpret_cast<std::uintptr_t>(held.back().data()) % 64 == 0);
        std::memset(held.back().data(), i, PacketPtr::capacity());
    }
    for (int i = 0; i < 16; ++i) {
        CHECK(held[static_cast<std::size_t>(i)].data()[0] == i);
        CHECK(held[static_cast<std::size_t>(i)].data()[kPacketCapacity - 1] == i);
    }
}

TEST_CASE("a handle moves its block and is empty afterwards") {
    PacketPool pool(4, 4);
    PacketPtr a = pool.take();
    a.set_size(3);
    a.data()[2] = 7;
    PacketPtr b = std::move(a);
    CHECK_FALSE(a);
    REQUIRE(b);
    CHECK(b.view().size() == 3);
    CHECK(b.view()[2] == 7);
    PacketPtr c = pool.take();
    c = std::move(b);
    CHECK(pool.in_use() == 1);
    c.reset();
    CHECK(pool.in_use() == 0);
    CHECK(pool.take().size() == 0);
}

TEST_CASE("a copy has the bytes and the arrival, and refuses what is too long") {
    PacketPool pool(4, 4);
    const std::array<std::uint8_t, 3> bytes{1, 2, 3};
    const TimePoint at{seconds(9)};
    const PacketPtr copy = pool.copy(bytes, at);
    REQUIRE(copy);
    CHECK(copy.arrival() == at);
    CHECK(copy.view()[1] == 2);
    CHECK_FALSE(pool.copy(std::vector<std::uint8_t>(kPacketCapacity + 1), at));
    CHECK(pool.copy(std::vector<std::uint8_t>(kPacketCapacity), at));
}
