#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "bridge/forward/audio_subscription.hpp"
#include "bridge/forward/retransmission_map.hpp"
#include "bridge/forward/ssrc_rewriter.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

RewrittenSource source(std::uint32_t ssrc, const char* name = "a-v0") {
    return {Ssrc(ssrc), SourceName(name), EndpointId("a"), VideoType::camera};
}

Rewrite packet(std::uint32_t ssrc, std::uint16_t seq, std::uint32_t timestamp) {
    Rewrite r;
    r.ssrc = Ssrc(ssrc);
    r.seq = seq;
    r.timestamp = timestamp;
    return r;
}

constexpr auto kKey = SsrcRewriter::Start::keyframe;
constexpr auto kOther = SsrcRewriter::Start::other;

}  // namespace

TEST_CASE("200 speakers, ten at a time, on at most 50 SSRCs without a break in their numbers") {
    struct Stream {
        std::uint16_t seq;
        std::uint32_t timestamp;
    };
    std::mt19937 random(1);
    SsrcAllocator ssrcs(99);
    SsrcRewriter rewriter(MediaType::audio, 50, MidDemux::off, ssrcs);
    std::vector<Stream> streams(200);
    for (auto& s : streams) {
        s.seq = static_cast<std::uint16_t>(random());
        s.timestamp = static_cast<std::uint32_t>(random());
    }
    std::vector<std::size_t> active(10);
    std::map<Ssrc, Stream> out;
    for (int round = 0; round < 100'000; ++round) {
        if (round % 20 == 0) active[random() % active.size()] = random() % streams.size();
        const std::size_t who = active[random() % active.size()];
        Stream& s = streams[who];
        Rewrite r = packet(static_cast<std::uint32_t>(1'000 + who), ++s.seq, s.timestamp += 960);
        rewriter.touch(source(r.ssrc.value()));
        REQUIRE(rewriter.apply(r.ssrc, kOther, {}, r));
        const auto [it, fresh] = out.emplace(r.ssrc, Stream{r.seq, r.timestamp});
        if (fresh) continue;
        REQUIRE(r.seq == static_cast<std::uint16_t>(it->second.seq + 1));
        REQUIRE(r.timestamp == it->second.timestamp + 960);
        it->second = {r.seq, r.timestamp};
    }
    CHECK(out.size() == 50);
}

TEST_CASE("mids count per slot, and a slot that is taken over keeps mid and SSRC") {
    SsrcAllocator ssrcs(1);
    SsrcRewriter rewriter(MediaType::audio, 2, MidDemux::on, ssrcs);
    const auto first = rewriter.touch(source(1001));
    const auto second = rewriter.touch(source(1002));
    const auto third = rewriter.touch(source(1003));
    REQUIRE(first);
    REQUIRE(third);
    CHECK(first->mid == "a0");
    CHECK(second->mid == "a1");
    CHECK(third->mid == "a0");
    CHECK(third->ssrc == first->ssrc);
    CHECK(third->rtx == first->rtx);
    CHECK_FALSE(rewriter.touch(source(1003)));
    CHECK(rewriter.mid_of(Ssrc(1003)) == "a0");
    CHECK_FALSE(rewriter.ssrc_of(Ssrc(1001)));

    SsrcRewriter plain(MediaType::audio, 2, MidDemux::off, ssrcs);
    CHECK_FALSE(plain.touch(source(1001))->mid);
    CHECK(plain.mid_of(Ssrc(1001)).empty());
}

TEST_CASE("a new slot passes numbers on, a taken one continues them") {
    SsrcAllocator ssrcs(1);
    SsrcRewriter rewriter(MediaType::audio, 1, MidDemux::off, ssrcs);
    rewriter.touch(source(1));
    Rewrite r = packet(1, 500, 7'000);
    REQUIRE(rewriter.apply(Ssrc(1), kOther, {}, r));
    CHECK(r.seq == 500);
    CHECK(r.timestamp == 7'000);
    const Ssrc ours = r.ssrc;
    rewriter.touch(source(2));
    r = packet(2, 30, 999'000);
    REQUIRE(rewriter.apply(Ssrc(2), kOther, {}, r));
    CHECK(r.ssrc == ours);
    CHECK(r.seq == 501);
    CHECK(r.timestamp == 7'960);
    CHECK(rewriter.report(Ssrc(2), 999'480)->timestamp == 8'440);
    CHECK_FALSE(rewriter.report(Ssrc(1), 0));
    // Late packets of this mapping fit in; older than its first would repeat a number.
    r = packet(2, 32, 1'000'920);
    REQUIRE(rewriter.apply(Ssrc(2), kOther, {}, r));
    r = packet(2, 31, 999'960);
    REQUIRE(rewriter.apply(Ssrc(2), kOther, {}, r));
    CHECK(r.seq == 502);
    r = packet(2, 29, 998'040);
    CHECK_FALSE(rewriter.apply(Ssrc(2), kOther, {}, r));
    CHECK_FALSE(rewriter.apply(Ssrc(1), kOther, {}, r));
}

TEST_CASE("video waits for a key frame on every new mapping and keeps to the time passed") {
    SsrcAllocator ssrcs(1);
    SsrcRewriter rewriter(MediaType::video, 1, MidDemux::off, ssrcs);
    const RewrittenSource a = source(1);
    const RewrittenSource b = source(2, "b-v0");
    REQUIRE(rewriter.assign({&a, 1}, {}).size() == 1);
    Rewrite r = packet(1, 10, 90'000);
    CHECK_FALSE(rewriter.apply(Ssrc(1), kOther, {}, r));
    r.fields = RewriteFields::vp8;
    r.tl0picidx = 50;
    CHECK(rewriter.apply(Ssrc(1), kKey, TimePoint{}, r));
    const auto changed = rewriter.assign({&b, 1}, {});
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].source == b);
    r = packet(2, 77, 5);
    r.fields = RewriteFields::vp8;
    r.tl0picidx = 9;
    r.number = 1'234;
    CHECK_FALSE(rewriter.apply(Ssrc(2), kOther, {}, r));
    REQUIRE(rewriter.apply(Ssrc(2), kKey, TimePoint{} + seconds(2), r));
    CHECK(r.seq == 11);
    CHECK(r.timestamp == 90'000 + 180'000);
    CHECK(r.tl0picidx == 51);
    CHECK(r.number == 1'234);
    Rewrite av1 = packet(2, 78, 3'005);
    av1.fields = RewriteFields::dependency_descriptor;
    av1.number = 5;
    REQUIRE(rewriter.apply(Ssrc(2), kOther, TimePoint{} + seconds(2), av1));
    CHECK(av1.seq == 12);
}

TEST_CASE("assignment: only news is told, mapped sources are not evicted by newcomers") {
    SsrcAllocator ssrcs(1);
    SsrcRewriter rewriter(MediaType::video, 2, MidDemux::on, ssrcs);
    const std::vector<RewrittenSource> ab{source(1), source(2)};
    CHECK(rewriter.assign(ab, {}).size() == 2);
    CHECK(rewriter.assign(ab, {}).empty());
    const std::vector<RewrittenSource> cb{source(3), source(2)};
    const auto changed = rewriter.assign(cb, {});
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].source.primary == Ssrc(3));
    CHECK(changed[0].mid == "v0");
    CHECK(rewriter.mid_of(Ssrc(2)) == "v1");
    // Sources nobody wants yet take a slot only while there is room.
    const std::vector<RewrittenSource> spare{source(4)};
    CHECK(rewriter.assign(cb, spare).empty());
    rewriter.remove(Ssrc(3));
    CHECK(rewriter.size() == 1);
    const auto filled = rewriter.assign({&cb[1], 1}, spare);
    REQUIRE(filled.size() == 1);
    CHECK(filled[0].source.primary == Ssrc(4));
    CHECK(rewriter.mappings().size() == 2);
}

TEST_CASE("feedback finds its origin, on the media and on the RTX SSRC") {
    SsrcAllocator ssrcs(1);
    SsrcRewriter rewriter(MediaType::video, 2, MidDemux::off, ssrcs);
    const RewrittenSource a = source(1);
    const auto mapping = rewriter.assign({&a, 1}, {})[0];
    CHECK(rewriter.find_origin(mapping.ssrc)->primary == Ssrc(1));
    CHECK_FALSE(rewriter.find_origin(mapping.ssrc)->rtx);
    CHECK(rewriter.find_origin(mapping.rtx)->rtx);
    CHECK_FALSE(rewriter.find_origin(Ssrc(1)));
    CHECK(rewriter.ssrc_of(Ssrc(1)) == mapping.ssrc);
    CHECK(rewriter.rtx_of(Ssrc(1)) == mapping.rtx);
    rewriter.remove(Ssrc(1));
    CHECK_FALSE(rewriter.find_origin(mapping.ssrc));
}

TEST_CASE("SSRCs are never given out twice, nor those that are taken") {
    SsrcAllocator first(5);
    const Ssrc known = first.next();
    SsrcAllocator second(5);
    second.take(known);
    std::set<Ssrc> seen{known};
    for (int i = 0; i < 10'000; ++i) CHECK(seen.insert(second.next()).second);
}

TEST_CASE("a lost packet is found under the number it was sent with") {
    RetransmissionMap map;
    const TimePoint t0{};
    Rewrite r = packet(9, 65'535, 1);
    r.number = 77;
    map.insert(r, 2, 123, t0);
    const auto hit = map.take_for_resend(65'535, std::nullopt, t0);
    REQUIRE(hit);
    CHECK(hit->encoding == 2);
    CHECK(hit->original_seq == 123);
    CHECK(hit->rewrite.number == 77);
    CHECK(map.newest()->original_seq == 123);
    CHECK_FALSE(map.take_for_resend(65'534, std::nullopt, t0));
    CHECK_FALSE(map.take_for_resend(65'535 - RetransmissionMap::kEntries, std::nullopt, t0));
    CHECK(map.misses() == 2);
    map.insert(packet(9, 65'535 - RetransmissionMap::kEntries, 1), 0, 7, t0);
    CHECK_FALSE(map.take_for_resend(65'535, std::nullopt, t0));
    map.clear();
    CHECK_FALSE(map.newest());
}

TEST_CASE("a packet is not repeated before its repetition can have arrived") {
    RetransmissionMap map;
    TimePoint now{};
    map.insert(packet(9, 1, 1), 0, 1, now);
    const Duration rtt = milliseconds(100);
    CHECK_FALSE(map.take_for_resend(1, rtt, now + milliseconds(89)));
    CHECK(map.take_for_resend(1, rtt, now + milliseconds(90)));
    CHECK_FALSE(map.take_for_resend(1, rtt, now + milliseconds(150)));
    CHECK(map.take_for_resend(1, rtt, now + milliseconds(180)));
    // Short ways: rtt - 5 ms.
    CHECK_FALSE(map.take_for_resend(1, milliseconds(20), now + milliseconds(194)));
    CHECK(map.take_for_resend(1, milliseconds(20), now + milliseconds(195)));
    CHECK(map.suppressed() == 3);
    RtxSequence rtx;
    CHECK(rtx.next() == 1);
    CHECK(rtx.next() == 2);
}

TEST_CASE("audio subscriptions decide by name, and only for signalled sources") {
    AudioSources sources;
    const SourceName s1("s1"), s2("s2"), s3("s3"), de("s1.de");
    sources.add(Ssrc(1), s1);
    sources.add(Ssrc(2), s2);
    sources.add(Ssrc(9), de, AudioOrigin::synthetic);
    AudioSubscription sub;
    const auto wants = [&](std::uint32_t ssrc) { return sub.wants(sources, Ssrc(ssrc)); };
    CHECK(wants(1));
    CHECK_FALSE(wants(9'999));
    CHECK_FALSE(wants(9));
    sub.set(Unnamed::all, {}, {});
    CHECK(wants(1));
    CHECK_FALSE(wants(9'999));
    CHECK_FALSE(wants(9));
    sub.set(Unnamed::none, {}, {});
    CHECK_FALSE(wants(1));
    sub.set(Unnamed::none, {s1, s3}, {});
    CHECK(wants(1));
    CHECK_FALSE(wants(2));
    CHECK_FALSE(wants(3));
    sources.add(Ssrc(3), s3);
    CHECK(wants(3));
    CHECK(sub.included().contains(s3));
    sources.remove(Ssrc(3));
    CHECK_FALSE(wants(3));
    sub.set(Unnamed::all, {}, {s2});
    CHECK(wants(1));
    CHECK_FALSE(wants(2));
    CHECK_FALSE(sub.included().contains(s3));
    sub.set(Unnamed::none, {s1}, {s1});
    CHECK_FALSE(wants(1));
    sub.set(Unnamed::none, {de}, {});
    CHECK(wants(9));
}

TEST_CASE("a slot that changes its source puts the new templates behind the old ones") {
    SsrcAllocator ssrcs(1);
    SsrcRewriter rewriter(MediaType::video, 1, MidDemux::off, ssrcs);
    const auto apply = [&](std::uint32_t ssrc, std::uint16_t seq, TemplateIds ids) {
        Rewrite r = packet(ssrc, seq, 3'000);
        r.fields = RewriteFields::dependency_descriptor;
        r.number = seq;
        REQUIRE(rewriter.apply(Ssrc(ssrc), kKey, {}, r, ids));
        return r;
    };
    const RewrittenSource a[] = {source(10)};
    const RewrittenSource b[] = {source(20)};
    rewriter.assign(a, {});
    CHECK(apply(10, 100, {60, 5}).tl0picidx == 0);
    rewriter.assign(b, {});
    // Ids 60 to 0 were in use: the new source's 3 becomes 1.
    const Rewrite moved = apply(20, 500, {3, 5});
    CHECK((moved.tl0picidx + 3) % 64 == 1);
    CHECK(moved.number == 101);
    CHECK(apply(20, 501, {3, 5}).tl0picidx == moved.tl0picidx);
    rewriter.assign(a, {});
    CHECK((apply(10, 101, {60, 5}).tl0picidx + 60) % 64 == 6);
}

TEST_CASE("lips stay in time: audio and video of one sender agree after slots were taken over") {
    SsrcAllocator ssrcs(1);
    SsrcRewriter audio(MediaType::audio, 1, MidDemux::off, ssrcs);
    SsrcRewriter video(MediaType::video, 1, MidDemux::off, ssrcs);
    constexpr double kAudioMs = 48, kVideoMs = 90;
    // What was captured at t milliseconds has these times at two senders with clocks of their own.
    using Time = std::uint32_t;
    const auto audio_time = [](Time who, Time t) { return who * 77'777 + 48 * t; };
    const auto video_time = [](Time who, Time t) { return who * 99'991 + 90 * t; };
    for (std::uint32_t who : {1u, 2u, 1u, 2u}) {
        const RewrittenSource of[] = {source(who)};
        audio.touch(of[0]);
        video.assign(of, {});
        TimePoint now{seconds(who)};
        Rewrite a = packet(who, static_cast<std::uint16_t>(who * 5'000), audio_time(who, 1'000));
        Rewrite v = packet(who, static_cast<std::uint16_t>(who * 9'000), video_time(who, 1'003));
        REQUIRE(audio.apply(Ssrc(who), kOther, now, a));
        REQUIRE(video.apply(Ssrc(who), kKey, now, v));
        // Reports of both, of the moment 400.
        const auto ra = audio.report(Ssrc(who), audio_time(who, 400));
        const auto rv = video.report(Ssrc(who), video_time(who, 400));
        REQUIRE(ra);
        REQUIRE(rv);
        CHECK(ra->ssrc == a.ssrc);
        CHECK(rv->ssrc == v.ssrc);
        const double heard = static_cast<std::int32_t>(a.timestamp - ra->timestamp) / kAudioMs;
        const double seen = static_cast<std::int32_t>(v.timestamp - rv->timestamp) / kVideoMs;
        CHECK(seen - heard == doctest::Approx(3).epsilon(0.01));
    }
}
