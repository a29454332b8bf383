// OpenSSL asks gettimeofday for its DTLS timers. The definition in a program comes before the C
// library's, so here the library lives in the tests' time and a lost flight costs no real second.
#include <sys/time.h>

#include <doctest/doctest.h>

#include "tests/bridge/dtls/dtls_pair.hpp"

namespace {
jmeet::Duration passed{};
}

extern "C" int gettimeofday(timeval* out, void*) noexcept {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(passed).count();
    out->tv_sec = 1'700'000'000 + us / 1'000'000;
    out->tv_usec = us % 1'000'000;
    return 0;
}

namespace jmeet::bridge::test {

TimePoint simulated_now() { return TimePoint{} + passed; }
void pass_time(Duration time) { passed += time; }

TEST_CASE("a flight that nobody answers is sent again after 200, 400, 800 ms") {
    Peer client(context(0));
    client.session.set_role(DtlsRole::client, simulated_now());
    for (const int delay : {200, 400, 800, 1600, 3000, 3000}) {
        REQUIRE(client.out.size() == 1);
        client.out.clear();
        REQUIRE(client.session.next_deadline());
        CHECK(*client.session.next_deadline() == simulated_now() + milliseconds(delay));
        pass_time(milliseconds(delay) - milliseconds(20));
        client.session.on_timer(simulated_now());
        CHECK(client.out.empty());
        pass_time(milliseconds(20));
        client.session.on_timer(simulated_now());
    }
}

}  // namespace jmeet::bridge::test
