#include "bridge/rtp/seq_num.hpp"

#include <doctest/doctest.h>

using namespace jmeet::bridge;

TEST_CASE("sequence numbers are compared across the wrap") {
    CHECK(seq_newer(1, 0));
    CHECK(seq_newer(0, 65535));
    CHECK_FALSE(seq_newer(65535, 0));
    CHECK_FALSE(seq_newer(5, 5));
    CHECK(seq_diff(2, 65534) == 4);
    CHECK(seq_diff(65534, 2) == -4);
    CHECK(timestamp_newer(100, 0xfffffff0));
    CHECK(timestamp_diff(0, 0xffffffff) == 1);
}

TEST_CASE("picture ids are compared in fifteen bits") {
    CHECK(picture_id_diff(0, 32767) == 1);
    CHECK(picture_id_diff(32767, 0) == -1);
    CHECK(picture_id_diff(16383, 0) == 16383);
    CHECK(picture_id_diff(16384, 0) == -16384);
    CHECK(wrapped_diff<24>(3, 0xffffff) == 4);
    CHECK(wrapped_diff<8>(250, 3) == -9);
}

TEST_CASE("an unwrapper counts on through wraps in both directions") {
    SeqUnwrapper u;
    CHECK(u.unwrap(65530) == 65530);
    CHECK(u.unwrap(3) == 65539);
    CHECK(u.unwrap(65531) == 65531);  // late
    CHECK(u.highest() == 65539);
    CHECK(u.peek(4) == 65540);
    CHECK(u.highest() == 65539);
    std::int64_t last = u.highest();
    for (std::uint32_t i = 4; i < 400'000; i += 7) {
        const std::int64_t full = u.unwrap(i & 0xffff);
        REQUIRE(full > last);
        last = full;
    }
    CHECK(last == 65536 + 399'996 + 2);
}
