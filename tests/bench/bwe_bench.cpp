// How the bandwidth estimators do on fake links in simulated time: how near to what is available,
// how soon, with how much queue. And what a feedback costs.
//
//   bench_bwe               both estimators; each scenario with five seeds: means, and the worst of
//                           the times, the longest queue and the lowest estimate
//   bench_bwe rows TEXT     the scenarios of the probing estimator with this in their names
//   bench_bwe trace N SEED  one line per 100 ms of scenario N of the probing estimator
//
// share: the mean estimate as a part of what is available. wire: what passed the bottleneck, with
// repairs and padding. Lost packets are lost behind the bottleneck and sent again beside the
// estimate, so a link that loses a part p is full at a share of 1 / (1 + p): with 10 % at 91 %.
// video: the steady queue that the frames alone make at a constant 85 %, without padding, probes or
// an estimator's errors; beside a download it is the download's. No estimator has less.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "bridge/bwe/feedback_estimator.hpp"
#include "bridge/bwe/probing_estimator.hpp"
#include "tests/net/scenarios.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::test;

constexpr std::uint64_t kSeeds = 5;
constexpr double kWanted = 0.85;

double in_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
double in_ms(Duration d) { return 1'000 * in_seconds(d); }

void print_head(const char* title) {
    std::printf("\n%-46s %5s %5s %6s %7s %6s %8s %6s %6s %7s %7s %5s\n", title, "share", "wire",
                "85 %", "settled", "q p95", "q steady", "video", "q max", "lowest", "padding",
                "lost");
}

void print(const Scenario& s, const Outcome& o, Duration video) {
    std::printf("%-46s %4.0f%% %4.0f%% %5.1fs %6.1fs %4.0fms %6.0fms %4.0fms %4.0fms %6.0fk "
                "%6.0f%% %4.1f%%\n",
                s.name.c_str(), 100 * o.steady.share, 100 * o.steady.wire,
                in_seconds(o.step.reached), in_seconds(o.step.settled), in_ms(o.whole.queue_p95),
                in_ms(o.steady.queue_p95), in_ms(video), in_ms(o.whole.queue_max),
                static_cast<double>(o.whole.lowest_bps) / 1'000, 100 * o.steady.padding,
                100 * o.steady.lost);
}

Duration video_of(const Scenario& scenario) {
    Duration sum{};
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        Scenario s = scenario;
        s.config.seed = seed;
        sum += queue_of_video(s, kWanted);
    }
    return sum / kSeeds;
}

void worst_of(Duration& sum, Duration one) {
    if (sum < Duration(0) || one < Duration(0)) {
        sum = Duration(-seconds(1));
    } else {
        sum = std::max(sum, one);
    }
}

template <typename Estimator>
Outcome play_all(const Scenario& scenario) {
    Outcome all;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        Scenario s = scenario;
        s.config.seed = seed;
        Estimator estimator;
        const Outcome o = play(s, estimator);
        if (seed == 1) {
            all = o;
            continue;
        }
        worst_of(all.step.reached, o.step.reached);
        worst_of(all.step.settled, o.step.settled);
        all.steady.share += o.steady.share;
        all.steady.wire += o.steady.wire;
        all.steady.padding += o.steady.padding;
        all.steady.lost += o.steady.lost;
        all.steady.queue_p95 += o.steady.queue_p95;
        all.whole.queue_p95 += o.whole.queue_p95;
        all.whole.queue_max = std::max(all.whole.queue_max, o.whole.queue_max);
        all.whole.lowest_bps = std::min(all.whole.lowest_bps, o.whole.lowest_bps);
    }
    all.steady.share /= kSeeds;
    all.steady.wire /= kSeeds;
    all.steady.padding /= kSeeds;
    all.steady.lost /= kSeeds;
    all.steady.queue_p95 /= kSeeds;
    all.whole.queue_p95 /= kSeeds;
    return all;
}

template <typename Estimator>
void table(const char* estimator, const char* part) {
    std::printf("\n%s: share = mean estimate of what is available from the 10th second (after a "
                "step) on\n", estimator);
    const std::pair<const char*, std::vector<Scenario>> groups[] = {
        {"fixed links, round trip", fixed_links()}, {"steps after 20 s", steps()},
        {"losses", losses()}, {"disturbances", disturbances()},
        {"one layer or nothing", shares()}};
    for (const auto& [title, scenarios] : groups) {
        print_head(title);
        for (const Scenario& s : scenarios) {
            if (s.name.find(part) == std::string::npos) continue;
            print(s, play_all<Estimator>(s), video_of(s));
        }
    }
}

void trace(std::size_t number, std::uint64_t seed) {
    const auto all = all_scenarios();
    if (number >= all.size()) return;
    Scenario s = all[number];
    s.config.seed = seed;
    std::printf("%s\n", s.name.c_str());
    ProbingEstimator e;
    Call call(e, s.config);
    call.link().set_cross(s.cross);
    if (s.step >= Duration(0)) call.at(s.step, [&](Link& l) { l.config().bps = s.after; });
    for (Duration t{}; t < s.length; t += milliseconds(100)) {
        call.run(milliseconds(100));
        std::uint64_t media = 0;
        std::uint64_t padding = 0;
        const auto& samples = call.samples();
        for (std::size_t i = samples.size() - 10; i < samples.size(); ++i) {
            media += samples[i].media_bytes;
            padding += samples[i].padding_bytes;
        }
        std::printf("%6.1f s  estimate %7.0f  delay %7.0f  media %6.0f  padding %6.0f kbps  "
                    "queue %4.0f seen %4.0f ms  loss %4.1f%% %d  probes %llu%s\n",
                    in_seconds(t), static_cast<double>(*e.estimate()) / 1e3,
                    static_cast<double>(e.delay_bps()) / 1e3, static_cast<double>(media) * 0.08,
                    static_cast<double>(padding) * 0.08, in_ms(samples.back().queue),
                    in_ms(e.queue()), 100 * e.loss(), static_cast<int>(e.loss_state()),
                    static_cast<unsigned long long>(e.probes()),
                    e.competing() ? "  beside others" : "");
    }
}

// 50 packets in one feedback, of a sender of 8 Mbps.
void cost() {
    ProbingEstimator estimator;
    SentPackets sent;
    std::vector<FeedbackItem> items;
    TimePoint now{};
    constexpr int kFeedbacks = 20'000;
    Duration spent{};
    for (int i = 0; i < kFeedbacks; ++i) {
        items.clear();
        for (int k = 0; k < 50; ++k) {
            now += milliseconds(1);
            const auto at = std::chrono::duration_cast<microseconds>(now.time_since_epoch());
            items.push_back({sent.next(1'000, now), at + microseconds(20'000)});
        }
        const TimePoint begin = Clock::now();
        estimator.on_transport_feedback(sent.on_feedback(items), now);
        spent += Clock::now() - begin;
    }
    std::printf("\na feedback of 50 packets: %.1f us\n", in_ms(spent) * 1'000 / kFeedbacks);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4 && std::strcmp(argv[1], "trace") == 0) {
        trace(static_cast<std::size_t>(std::atoi(argv[2])),
              static_cast<std::uint64_t>(std::atoi(argv[3])));
        return 0;
    }
    const bool rows = argc == 3 && std::strcmp(argv[1], "rows") == 0;
    if (!rows) table<FeedbackEstimator>("FeedbackEstimator", "");
    table<ProbingEstimator>("ProbingEstimator", rows ? argv[2] : "");
    cost();
}
