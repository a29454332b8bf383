// Who counts as active, who has ended, who sends: rules in time, without a clock.
#include <doctest/doctest.h>

#include "bridge/endpoint_life.hpp"
#include "bridge/packet_tally.hpp"
#include "bridge/token_bucket.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

constexpr TimePoint kBirth{seconds(1'000)};
const BridgeConfig kConfig;
using Change = ConnectivityStatus::Change;

EndpointActivity silent() { return {kBirth, std::nullopt, std::nullopt}; }
EndpointActivity heard_at(TimePoint last) { return {kBirth, last, std::nullopt}; }

}  // namespace

TEST_CASE("who never sent is nothing for fifteen seconds, then inactive") {
    CHECK_FALSE(is_active(silent(), kConfig, kBirth + seconds(14)).has_value());
    CHECK(is_active(silent(), kConfig, kBirth + seconds(15) + milliseconds(1)) == false);
}

TEST_CASE("who was heard is active until eight seconds of silence have passed") {
    const auto activity = heard_at(kBirth + seconds(3));
    CHECK(is_active(activity, kConfig, kBirth + seconds(3)) == true);
    CHECK(is_active(activity, kConfig, kBirth + seconds(10)) == true);
    CHECK(is_active(activity, kConfig, kBirth + seconds(11) + milliseconds(1)) == false);
}

TEST_CASE("a status is told when it changes, and only then") {
    ConnectivityStatus status;
    const EndpointId ann("aaaaaaaa");
    CHECK(status.update(ann, std::nullopt) == Change::none);
    CHECK(status.update(ann, true) == Change::none);
    CHECK(status.update(ann, false) == Change::interrupted);
    CHECK(status.update(ann, false) == Change::none);
    CHECK(status.inactive().contains(ann));
    CHECK(status.update(ann, true) == Change::restored);
    CHECK(status.update(ann, true) == Change::none);
    CHECK(status.inactive().empty());
    CHECK(status.update(ann, false) == Change::interrupted);
    status.forget(ann);
    CHECK(status.inactive().empty());
}

TEST_CASE("who never came is ended after two minutes") {
    CHECK_FALSE(end_of(silent(), kConfig, kBirth + seconds(120)).has_value());
    CHECK(end_of(silent(), kConfig, kBirth + seconds(121)) == EndpointEnd::never_active);
}

TEST_CASE("who fell silent is ended a minute later, and not while it is heard") {
    const auto activity = heard_at(kBirth + seconds(500));
    CHECK_FALSE(end_of(activity, kConfig, kBirth + seconds(560)).has_value());
    CHECK(end_of(activity, kConfig, kBirth + seconds(561)) == EndpointEnd::silent);
    CHECK_FALSE(end_of(heard_at(kBirth + seconds(561)), kConfig, kBirth + seconds(562)));
}

TEST_CASE("who has no way any more is ended after a grace, not at once") {
    EndpointActivity activity = heard_at(kBirth + seconds(10));
    activity.ice_failed_since = kBirth + seconds(12);
    CHECK_FALSE(end_of(activity, kConfig, kBirth + seconds(27)).has_value());
    CHECK(end_of(activity, kConfig, kBirth + seconds(28)) == EndpointEnd::ice_failed);
    activity.ice_failed_since.reset();
    CHECK_FALSE(end_of(activity, kConfig, kBirth + seconds(28)).has_value());
}

TEST_CASE("who sends five audio packets a second is sending, a newcomer from its first one on") {
    PacketTally tally;
    TimePoint now = kBirth;
    tally.add(now);
    CHECK(is_sending(tally.per_second(now), 5, kBirth, now));
    now += seconds(20);
    CHECK_FALSE(is_sending(tally.per_second(now), 5, kBirth, now));
    for (int i = 0; i < 4; ++i) tally.add(now);
    CHECK_FALSE(is_sending(tally.per_second(now), 5, kBirth, now));
    tally.add(now);
    CHECK(is_sending(tally.per_second(now), 5, kBirth, now));
    CHECK(is_sending(tally.per_second(now + milliseconds(1'900)), 5, kBirth,
                     now + milliseconds(1'900)));
    CHECK_FALSE(is_sending(tally.per_second(now + seconds(3)), 5, kBirth, now + seconds(3)));
}

TEST_CASE("a steady stream is counted the same in every second") {
    PacketTally tally;
    for (int ms = 0; ms < 10'000; ms += 20) {
        const TimePoint now = kBirth + milliseconds(ms);
        tally.add(now);
        if (ms >= 1'000) CHECK(tally.per_second(now) == 50);
    }
}

TEST_CASE("a bucket gives its burst at once and its rate for ever") {
    TokenBucket<100, 500> bucket;
    TimePoint now = kBirth;
    int given = 0;
    for (int i = 0; i < 2'000; ++i) given += bucket.take(now) ? 1 : 0;
    CHECK(given == 500);
    for (int ms = 0; ms < 10'000; ++ms) {
        now += milliseconds(1);
        given += bucket.take(now) ? 1 : 0;
    }
    CHECK(given == 1'500);
    now += seconds(3600);
    CHECK(bucket.take(now, 500));
    CHECK_FALSE(bucket.take(now, 1));
    // What is refused costs nothing.
    CHECK_FALSE(bucket.take(now + milliseconds(10), 2));
    CHECK(bucket.take(now + milliseconds(10), 1));
}
