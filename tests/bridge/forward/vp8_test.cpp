// One VP8 source for one receiver: the cases of JVB's VP8 projection tests.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/bridge/forward/streams.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

constexpr milliseconds kFrameTime{33};

StreamPosition at_10000() {
    StreamPosition p;
    p.seq = 10'000;
    p.timestamp = 1'000'000;
    return p;
}

bool has_expected_temporal(const TestPacket& p, int highest) {
    return p.frame.temporal <= highest;
}

void run_in_order(int packets, int highest, int frames) {
    VideoProjection projection(Ssrc(1), at_10000());
    projection.set_target(layer_index(0, 0, highest));
    Vp8Sender sender(1, 0, packets, 65'000, 32'000, 0xffff'0000u);
    TimePoint now{};
    std::uint16_t seq = 10'001;
    std::uint16_t picture = 32'000;
    std::uint8_t tl0 = 0;
    for (int i = 0; i < frames; ++i, now += kFrameTime) {
        bool any = false;
        for (const auto& p : sender.frame(i == 0, now)) {
            const auto out = project(projection, p);
            REQUIRE(out.forwarded() == has_expected_temporal(p, highest));
            if (!out.forwarded()) continue;
            any = true;
            if (i == 0 && out.out.seq == 10'001) tl0 = out.out.tl0picidx;
            REQUIRE(out.out.seq == seq++);
            REQUIRE(out.out.timestamp == 1'003'000u + 3'000u * static_cast<std::uint32_t>(i));
            REQUIRE(out.out.number == picture);
            REQUIRE(out.out.tl0picidx == static_cast<std::uint8_t>(tl0 + i / 4));
            REQUIRE(out.out.ssrc == Ssrc(1));
        }
        if (any) picture = (picture + 1) & 0x7fff;
    }
}

}  // namespace

TEST_CASE("the first packet of a stream continues from the start position") {
    VideoProjection projection(Ssrc(7));
    projection.set_target(layer_index(0, 0, 2));
    Vp8Sender sender(1, 0, 1);
    const auto out = project(projection, sender.frame(true, {})[0]);
    REQUIRE(out.forwarded());
    CHECK(out.out.seq == 2);
    CHECK(out.out.timestamp == 3'001);
    CHECK(out.out.number == 0);
    CHECK(out.out.ssrc == Ssrc(7));
    CHECK_FALSE(projection.needs_keyframe());
}

TEST_CASE("in order: numbers go on without gaps, through every wrap") {
    run_in_order(1, 2, 100'000);
    run_in_order(1, 0, 100'000);
    run_in_order(1, 1, 10'000);
    run_in_order(3, 2, 30'000);
    run_in_order(3, 0, 30'000);
    run_in_order(200, 0, 500);
}

TEST_CASE("reordered within 64 packets: numbers stay unique and in the order of the source") {
    std::mt19937 random(5);
    for (int highest : {2, 0}) {
        VideoProjection projection(Ssrc(1), at_10000());
        projection.set_target(layer_index(0, 0, highest));
        Vp8Sender sender(1, 0, 1, 65'500);
        std::map<std::int64_t, std::int64_t> sent;  // source -> out, unwrapped
        SeqUnwrapper in;
        SeqUnwrapper out_numbers;
        std::vector<TestPacket> window;
        TimePoint now{};
        REQUIRE(project(projection, sender.frame(true, now)[0]).forwarded());
        for (int i = 0; i < 20'000; ++i, now += kFrameTime) {
            window.push_back(sender.frame(false, now)[0]);
            if (window.size() < 64) continue;
            std::shuffle(window.begin(), window.end(), random);
            for (const auto& p : window) {
                const auto out = project(projection, p);
                if (!out.forwarded()) continue;
                REQUIRE(sent.emplace(in.unwrap(p.seq()), out_numbers.unwrap(out.out.seq)).second);
            }
            window.clear();
        }
        REQUIRE(sent.size() > 4'000);
        std::int64_t last = -1;
        for (const auto& [source, out] : sent) {
            REQUIRE(out > last);
            last = out;
        }
    }
}

TEST_CASE("a key frame overtaken by frames of upper layers is accepted, they are not") {
    VideoProjection projection(Ssrc(1), at_10000());
    projection.set_target(layer_index(0, 0, 2));
    Vp8Sender sender(1, 0, 1);
    const auto key = sender.frame(true, {})[0];
    for (int i = 0; i < 3; ++i) {
        CHECK(project(projection, sender.frame(false, {})[0]).verdict ==
              ProjectionVerdict::needs_keyframe);
    }
    CHECK(projection.needs_keyframe());
    CHECK(project(projection, key).out.seq == 10'001);
    for (int i = 0; i < 100; ++i) {
        const auto out = project(projection, sender.frame(false, {})[0]);
        REQUIRE(out.forwarded());
        REQUIRE(out.out.seq == 10'002 + i);
    }
}

TEST_CASE("a key frame overtaken by its base layer successor is of no use") {
    VideoProjection projection(Ssrc(1), at_10000());
    projection.set_target(layer_index(0, 0, 2));
    Vp8Sender sender(1, 0, 1);
    const auto key = sender.frame(true, {})[0];
    for (int i = 0; i < 4; ++i) project(projection, sender.frame(false, {})[0]);
    CHECK_FALSE(project(projection, key).forwarded());
    for (int i = 0; i < 20; ++i) {
        CHECK_FALSE(project(projection, sender.frame(false, {})[0]).forwarded());
    }
    CHECK(projection.needs_keyframe());
    CHECK(project(projection, sender.frame(true, {})[0]).out.seq == 10'001);
}

TEST_CASE("an encoding without key frame is never entered") {
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(1, 0, 2));
    Vp8Sender low(1, 0, 1);
    Vp8Sender high(2, 1, 1);
    project(projection, low.frame(true, {})[0]);
    TimePoint now = TimePoint{} + seconds(1);
    for (int i = 0; i < 100; ++i, now += kFrameTime) {
        CHECK(project(projection, low.frame(false, now)[0]).forwarded());
        CHECK(project(projection, high.frame(false, now)[0]).verdict ==
              ProjectionVerdict::other_encoding);
    }
    CHECK(projection.needs_keyframe());
}

TEST_CASE("a switch of encodings happens at the key frame and leaves a gap for an open frame") {
    VideoProjection projection(Ssrc(1), at_10000());
    projection.set_target(layer_index(0, 0, 2));
    Vp8Sender low(1, 0, 1, 100, 500);
    Vp8Sender high(2, 1, 2, 40'000, 9'000, 77);
    TimePoint now{};
    Projected last;
    for (int i = 0; i < 90; ++i, now += kFrameTime) {
        last = project(projection, low.frame(i == 0, now)[0]);
        REQUIRE(last.forwarded());
        for (const auto& p : high.frame(i == 0, now)) {
            CHECK_FALSE(project(projection, p).forwarded());
        }
    }
    CHECK(projection.report_timestamp(0, 50'000) == 1'003'000u);
    CHECK_FALSE(projection.report_timestamp(1, 77));
    projection.set_target(layer_index(1, 0, 2));
    CHECK(projection.needs_keyframe());
    last = project(projection, low.frame(false, now)[0]);
    CHECK(last.forwarded());
    now += kFrameTime;
    const auto key_low = project(projection, low.frame(true, now)[0]);
    CHECK(key_low.forwarded());
    const auto key_high = high.frame(true, now);
    const auto first = project(projection, key_high[0]);
    REQUIRE(first.forwarded());
    CHECK(first.out.seq == static_cast<std::uint16_t>(key_low.out.seq + 1));
    CHECK(first.out.timestamp == key_low.out.timestamp + 3'000);
    CHECK(first.out.number == key_low.out.number + 1);
    CHECK(first.out.tl0picidx == static_cast<std::uint8_t>(key_low.out.tl0picidx + 1));
    CHECK(first.out.ssrc == Ssrc(1));
    CHECK(projection.current_encoding() == 1);
    CHECK_FALSE(projection.report_timestamp(0, 50'000));
    CHECK(project(projection, low.frame(false, now)[0]).verdict ==
          ProjectionVerdict::other_encoding);
    // Back down, in the middle of a frame whose end is still to come.
    projection.set_target(layer_index(0, 0, 2));
    now += seconds(1);
    const auto open = project(projection, key_high[1]);
    REQUIRE(open.forwarded());
    const auto unfinished = project(projection, high.frame(false, now)[0]);
    CHECK_FALSE(unfinished.forwarded());  // upper layers wait while the way is down
    const auto down = project(projection, low.frame(true, now + milliseconds(400))[0]);
    REQUIRE(down.forwarded());
    CHECK(down.out.seq == static_cast<std::uint16_t>(open.out.seq + 1));
    CHECK(down.out.timestamp > open.out.timestamp + 3'000);
}

TEST_CASE("a switch in an unfinished frame skips one number") {
    VideoProjection projection(Ssrc(1), at_10000());
    projection.set_target(layer_index(1, 0, 2));
    Vp8Sender low(1, 0, 2);
    Vp8Sender high(2, 1, 1);
    const auto open = project(projection, low.frame(true, {})[0]);
    REQUIRE(open.forwarded());
    const auto switched = project(projection, high.frame(true, {})[0]);
    REQUIRE(switched.forwarded());
    CHECK(switched.out.seq == open.out.seq + 2);
}

TEST_CASE("more temporal layers are entered only where they can be decoded") {
    VideoProjection projection(Ssrc(1), at_10000());
    Vp8Sender sender(1, 0, 1);
    projection.set_target(layer_index(0, 0, 0));
    std::set<int> sent;
    const auto feed = [&](int i) {
        const auto p = sender.frame(i == 0, {});
        if (project(projection, p[0]).forwarded()) sent.insert(i);
    };
    for (int i = 0; i < 6; ++i) feed(i);  // 0 TL0, 1 TL2, 2 TL1, 3 TL2, 4 TL0, 5 TL2
    CHECK(sent == std::set<int>{0, 4});
    projection.set_target(layer_index(0, 0, 2));
    feed(6);  // TL1 after a sent TL0
    feed(7);  // TL2 after it
    CHECK(sent == std::set<int>{0, 4, 6, 7});
    // Up in the middle of a group whose TL1 was refused.
    projection.set_target(layer_index(0, 0, 0));
    for (int i = 8; i < 11; ++i) feed(i);
    projection.set_target(layer_index(0, 0, 2));
    feed(11);  // TL2 that refers to the refused TL1
    feed(12);
    feed(13);
    CHECK(sent == std::set<int>{0, 4, 6, 7, 8, 12, 13});
    CHECK_FALSE(projection.needs_keyframe());
}

TEST_CASE("suspended: nothing at once; resumed: at the next key frame, without a gap") {
    VideoProjection projection(Ssrc(1), at_10000());
    projection.set_target(layer_index(0, 0, 2));
    Vp8Sender sender(1, 0, 1);
    TimePoint now{};
    project(projection, sender.frame(true, now)[0]);
    const auto last = project(projection, sender.frame(false, now)[0]);
    projection.set_target(kSuspended);
    CHECK_FALSE(projection.needs_keyframe());
    for (int gap : {64, 1'000, 40'000}) {
        CAPTURE(gap);
        for (int i = 0; i < 10; ++i, now += kFrameTime) {
            CHECK(project(projection, sender.frame(false, now)[0]).verdict ==
                  ProjectionVerdict::suspended);
        }
    }
    projection.set_target(layer_index(0, 0, 2));
    CHECK(projection.needs_keyframe());
    for (int i = 0; i < 10; ++i, now += kFrameTime) {
        CHECK(project(projection, sender.frame(false, now)[0]).verdict ==
              ProjectionVerdict::needs_keyframe);
    }
    const auto resumed = project(projection, sender.frame(true, now)[0]);
    REQUIRE(resumed.forwarded());
    CHECK(resumed.out.seq == last.out.seq + 1);
    CHECK(resumed.out.number == last.out.number + 1);
    // The same encoding keeps its clock.
    CHECK(resumed.out.timestamp == last.out.timestamp + 41u * 3'000u);
}

TEST_CASE("losses of the sender: small gaps stay gaps, large ones wait for a key frame") {
    for (int gap : {1, 64, 1'000, 1'100, 20'000, 32'768, 50'000}) {
        CAPTURE(gap);
        VideoProjection projection(Ssrc(1), at_10000());
        projection.set_target(layer_index(0, 0, 2));
        Vp8Sender sender(1, 0, 1);
        project(projection, sender.frame(true, {})[0]);
        sender.skip_packets(gap);
        const auto after = project(projection, sender.frame(false, {})[0]);
        if (gap < SequenceMap::kWindow) {
            CHECK(after.out.seq == 10'002 + gap);
            continue;
        }
        CHECK_FALSE(after.forwarded());
        for (int i = 0; i < 60; ++i) project(projection, sender.frame(false, {})[0]);
        CHECK(projection.needs_keyframe());
        const auto key = project(projection, sender.frame(true, {})[0]);
        REQUIRE(key.forwarded());
        CHECK(key.out.seq == 10'002);
        CHECK(project(projection, sender.frame(false, {})[0]).out.seq == 10'003);
    }
}
