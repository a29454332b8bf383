#include "bridge/receive/statistics.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "bridge/receive/rr_generator.hpp"
#include "bridge/receive/rtt_tracker.hpp"
#include "bridge/rtp/rtcp/receiver_report.hpp"
#include "tests/bridge/receive/packets.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void feed(StreamStatistics& stats, std::initializer_list<int> seqs) {
    for (int seq : seqs) stats.on_packet(static_cast<std::uint16_t>(seq), 0, 100, at_ms(seq));
}

}  // namespace

TEST_CASE("jitter follows the filter of RFC 3550 in milliseconds") {
    const int received[] = {10, 30, 49, 74, 90, 111, 139, 150, 170, 191, 210, 229, 250, 271};
    const double expected[] = {0,      0,      .0625,  .3711,  .5979,  .6230,  1.0841,
                               1.5788, 1.4802, 1.4501, 1.4220, 1.3956, 1.3709, 1.3477};
    JitterFilter filter;
    for (int i = 0; i < 14; ++i) {
        filter.add(i * 20, received[i]);
        CHECK(filter.jitter_ms() == doctest::Approx(expected[i]).epsilon(0.001));
    }
}

TEST_CASE("jitter is reported in clock units, across a timestamp wrap") {
    const int received[] = {10, 30, 49, 74, 90, 111, 139, 150, 170, 191, 210, 229, 250, 271};
    StreamStatistics stats(Ssrc(1), 48'000);
    for (int i = 0; i < 14; ++i) {
        stats.on_packet(static_cast<std::uint16_t>(i), 0xffffff00u + static_cast<unsigned>(i) * 960,
                        100, at_ms(received[i]));
    }
    CHECK(stats.jitter_ms() == doctest::Approx(1.3477).epsilon(0.001));
    CHECK(stats.take_report_block(at_ms(300))->jitter == 64);  // 1.3477 ms at 48 kHz
}

TEST_CASE("missing numbers are counted, and reported once") {
    StreamStatistics stats(Ssrc(7), 90'000);
    CHECK_FALSE(stats.take_report_block(at_ms(0)));
    feed(stats, {0, 1, 3, 5, 6, 7, 8, 9, 11, 13, 16});
    CHECK(stats.expected() == 17);
    CHECK(stats.cumulative_lost() == 6);
    const auto block = stats.take_report_block(at_ms(100));
    REQUIRE(block);
    CHECK(block->ssrc == Ssrc(7));
    CHECK(block->cumulative_lost == 6);
    CHECK(block->fraction_lost == 6 * 256 / 17);
    CHECK(block->extended_highest_seq == 16);
    CHECK_FALSE(stats.take_report_block(at_ms(200)));
    feed(stats, {17, 18});
    CHECK(stats.take_report_block(at_ms(300))->fraction_lost == 0);
}

TEST_CASE("expected packets across wraps") {
    StreamStatistics none(Ssrc(1), 90'000);
    CHECK(none.expected() == 0);
    StreamStatistics plain(Ssrc(1), 90'000);
    feed(plain, {1, 10});
    CHECK(plain.expected() == 10);
    StreamStatistics wrapped(Ssrc(1), 90'000);
    feed(wrapped, {65530, 10});
    CHECK(wrapped.expected() == 17);
    CHECK(wrapped.extended_highest_seq() == 0x1000a);
    StreamStatistics twice(Ssrc(1), 90'000);
    for (int i = 65530; i <= 65530 + 16 + 65536; ++i) feed(twice, {i & 0xffff});
    CHECK(twice.expected() == 17 + 65536);
    CHECK(twice.cumulative_lost() == 0);
}

TEST_CASE("a late packet takes its loss back, a large jump is not loss") {
    StreamStatistics stats(Ssrc(1), 90'000);
    feed(stats, {10, 12});
    CHECK(stats.cumulative_lost() == 1);
    feed(stats, {11});
    CHECK(stats.cumulative_lost() == 0);
    feed(stats, {12});  // again
    CHECK(stats.cumulative_lost() == 0);
    feed(stats, {9});  // from before the first
    CHECK(stats.cumulative_lost() == 0);
    feed(stats, {12 + 3001});
    CHECK(stats.cumulative_lost() == 3000);
    feed(stats, {12 + 3001 + 3002});
    CHECK(stats.cumulative_lost() == 3000);
    CHECK(stats.expected() == 3 + 3001 + 1);
}

TEST_CASE("the last sender report comes back with its delay") {
    StreamStatistics stats(Ssrc(1), 90'000);
    feed(stats, {1});
    rtcp::SenderReport report;
    report.ntp = 0x0000bd63a9240000;
    stats.on_sender_report(report, at_ms(1000));
    const auto block = stats.take_report_block(at_ms(1500));
    CHECK(block->last_sr == 0xbd63a924);
    CHECK(block->delay_since_last_sr == 32768);
}

TEST_CASE("reports are due every half second and name streams with news only") {
    StreamStatistics a(Ssrc(1), 90'000);
    StreamStatistics b(Ssrc(2), 90'000);
    const std::vector<StreamStatistics*> streams{&a, &b};
    RrGenerator generator;
    std::vector<std::uint8_t> out(1500);
    CHECK(generator.due(at_ms(0)));
    CHECK(generator.write(Ssrc(9), streams, at_ms(0), out) == 0);
    CHECK_FALSE(generator.due(at_ms(499)));
    CHECK(generator.due(at_ms(500)));
    feed(b, {5});
    const std::size_t size = generator.write(Ssrc(9), streams, at_ms(500), out);
    rtcp::CompoundReader reader(BytesView(out).first(size));
    const auto rr = rtcp::ReceiverReport::parse(*reader.next());
    REQUIRE(rr);
    CHECK(rr->sender == Ssrc(9));
    REQUIRE(rr->blocks.size() == 1);
    CHECK(rr->blocks[0].ssrc == Ssrc(2));
    CHECK(generator.write(Ssrc(9), {}, at_ms(1000), out) == 0);
}

TEST_CASE("more than 31 streams take more packets, and those without room are first next time") {
    std::vector<StreamStatistics> stats;
    for (std::uint32_t i = 0; i < 70; ++i) stats.emplace_back(Ssrc(i), 90'000);
    std::vector<StreamStatistics*> streams;
    for (auto& s : stats) {
        feed(s, {1});
        streams.push_back(&s);
    }
    RrGenerator generator;
    std::vector<std::uint32_t> reported;
    for (int round = 0; round < 2; ++round) {
        std::vector<std::uint8_t> out(1200);
        rtcp::CompoundReader reader(
            BytesView(out).first(generator.write(Ssrc(9), streams, at_ms(500), out)));
        while (const auto packet = reader.next()) {
            const auto rr = rtcp::ReceiverReport::parse(*packet);
            REQUIRE(rr);
            for (const auto& block : rr->blocks) reported.push_back(block.ssrc.value());
        }
        CHECK_FALSE(reader.malformed());
        if (round == 0) CHECK(reported.size() == 31 + 18);  // 752 + 440 bytes
    }
    REQUIRE(reported.size() == 70);
    for (std::uint32_t i = 0; i < 70; ++i) CHECK(reported[i] == i);
}

TEST_CASE("round trips come from reports that were sent") {
    RttTracker tracker;
    rtcp::ReportBlock block;
    block.ssrc = Ssrc(1);
    block.last_sr = 100;
    block.delay_since_last_sr = 65536 * 50 / 1000;  // 50 ms
    const auto ms = [](Duration d) {
        return std::chrono::duration<double, std::milli>(d).count();
    };
    tracker.on_report_sent(Ssrc(1), 100, at_ms(0));
    REQUIRE(tracker.on_report_block(block, at_ms(60)));
    CHECK(ms(*tracker.rtt()) == doctest::Approx(10).epsilon(0.01));

    tracker.on_report_sent(Ssrc(1), 0, at_ms(1000));
    block.last_sr = 0;
    CHECK(ms(*tracker.on_report_block(block, at_ms(1080))) == doctest::Approx(30).epsilon(0.01));
    block.delay_since_last_sr = 0;  // neither: the receiver had no report yet
    CHECK_FALSE(tracker.on_report_block(block, at_ms(1060)));
    block.last_sr = 555;  // never sent
    CHECK_FALSE(tracker.on_report_block(block, at_ms(1060)));
    block.last_sr = 100;
    block.ssrc = Ssrc(2);  // of another stream
    CHECK_FALSE(tracker.on_report_block(block, at_ms(1060)));
    CHECK(ms(*tracker.rtt()) == doctest::Approx(30).epsilon(0.01));
}

TEST_CASE("impossible round trips are ignored") {
    RttTracker tracker;
    tracker.on_report_sent(Ssrc(1), 5, at_ms(0));
    rtcp::ReportBlock block;
    block.ssrc = Ssrc(1);
    block.last_sr = 5;
    block.delay_since_last_sr = 65536;
    CHECK_FALSE(tracker.on_report_block(block, at_ms(900)));   // negative
    CHECK_FALSE(tracker.on_report_block(block, at_ms(8100)));  // above 7 s
    CHECK(tracker.on_report_block(block, at_ms(7900)));
    block.delay_since_last_sr = 65536 * 301;
    CHECK_FALSE(tracker.on_report_block(block, at_ms(302'000)));  // five minutes late
    for (std::uint32_t i = 0; i < 200; ++i) tracker.on_report_sent(Ssrc(2), i, at_ms(400'000));
    block.delay_since_last_sr = 65536;
    CHECK_FALSE(tracker.on_report_block(block, at_ms(7900)));  // forgotten
}
