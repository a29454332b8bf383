#include "tests/net/scenarios.hpp"

#include "tests/net/held_rate.hpp"

namespace jmeet::test {

namespace {

std::string in_words(std::int64_t bps) {
    if (bps >= 1'000'000 && bps % 1'000'000 == 0) return std::to_string(bps / 1'000'000) + " Mbps";
    return std::to_string(bps / 1'000) + " kbps";
}

Scenario link(std::int64_t bps, int rtt_ms) {
    Scenario s;
    s.name = in_words(bps) + ", " + std::to_string(rtt_ms) + " ms";
    s.config.link.bps = bps;
    s.config.link.delay = milliseconds(rtt_ms / 2);
    s.available = bps;
    return s;
}

}  // namespace

std::vector<Scenario> fixed_links() {
    std::vector<Scenario> all;
    for (const std::int64_t bps : {300'000, 1'000'000, 3'000'000, 10'000'000}) {
        for (const int rtt : {20, 100, 300}) all.push_back(link(bps, rtt));
    }
    return all;
}

std::vector<Scenario> steps() {
    std::vector<Scenario> all;
    const std::pair<std::int64_t, std::int64_t> pairs[] = {
        {3'000'000, 1'000'000}, {10'000'000, 1'000'000}, {10'000'000, 3'000'000},
        {1'000'000, 300'000},   {1'000'000, 3'000'000},  {1'000'000, 10'000'000},
        {300'000, 1'000'000},   {3'000'000, 10'000'000}};
    for (const auto& [before, after] : pairs) {
        Scenario s = link(before, 100);
        s.name = in_words(before) + " -> " + in_words(after);
        s.step = seconds(20);
        s.after = after;
        all.push_back(s);
    }
    // A conversation: one camera, a voice beside it, a shaper.
    for (const auto& [before, after] : {std::pair{5'000'000, 300'000}, {300'000, 5'000'000}}) {
        Scenario s = link(before, 20);
        s.name = "one camera, " + in_words(before) + " -> " + in_words(after);
        s.config.video.cameras = 1;
        s.config.link.bucket = 6'000;
        s.config.link.max_queue = milliseconds(400);
        s.cross.bps = 64'000;
        s.available = std::min(before, 2'500'000) - 64'000;
        s.step = seconds(20);
        s.after = after;
        s.left = std::min<std::int64_t>(after, 2'500'000) - 64'000;
        all.push_back(s);
    }
    return all;
}

std::vector<Scenario> losses() {
    std::vector<Scenario> all;
    for (const std::int64_t bps : {1'000'000, 3'000'000, 10'000'000}) {
        for (const int percent : {1, 2, 5, 10}) {
            Scenario s = link(bps, 100);
            s.name = in_words(bps) + ", " + std::to_string(percent) + " % lost";
            s.config.link.loss = percent / 100.0;
            all.push_back(s);
        }
        for (const int percent : {2, 5, 10}) {
            Scenario s = link(bps, 100);
            s.name = in_words(bps) + ", " + std::to_string(percent) + " % in bursts";
            s.config.link.burst_loss = percent / 100.0;
            all.push_back(s);
        }
    }
    return all;
}

std::vector<Scenario> disturbances() {
    std::vector<Scenario> all;
    Scenario s = link(3'000'000, 100);
    s.name = "3 Mbps, others 1.5 Mbps";
    s.cross.bps = 1'500'000;
    s.available = 1'500'000;
    all.push_back(s);
    s.name = "3 Mbps, others 1.5 Mbps, 5 s on, 5 s off";
    s.cross.on = s.cross.off = seconds(5);
    all.push_back(s);
    s.cross = {.tcp_flows = 1};
    for (const int ms : {60, 200, 500}) {
        s.name = "3 Mbps, a download, queue of " + std::to_string(ms) + " ms";
        s.config.link.max_queue = milliseconds(ms);
        all.push_back(s);
    }
    s.name = "10 Mbps, a download, queue of 200 ms";
    s.config.link.bps = 10'000'000;
    s.config.link.max_queue = milliseconds(200);
    s.available = 5'000'000;
    all.push_back(s);

    for (const std::int64_t bps : {300'000, 1'000'000, 3'000'000}) {
        s = link(bps, 20);
        s.name = in_words(bps) + ", bursts of 6 kB pass, a voice beside";
        s.config.link.bucket = 6'000;
        s.cross.bps = 64'000;
        s.available = bps - s.cross.bps;
        all.push_back(s);
    }
    s = link(3'000'000, 100);
    s.name = "3 Mbps, stalls 200 ms every 5 s";
    s.stall_every = seconds(5);
    s.stall_time = milliseconds(200);
    all.push_back(s);
    s = link(3'000'000, 100);
    s.name = "3 Mbps, jitter 20 ms";
    s.config.link.jitter = milliseconds(20);
    all.push_back(s);
    s = link(3'000'000, 100);
    s.name = "3 Mbps, 2 % reordered";
    s.config.link.reordered = 0.02;
    all.push_back(s);
    s = link(3'000'000, 100);
    s.name = "3 Mbps, feedback every 250 ms";
    s.config.feedback_interval = milliseconds(250);
    all.push_back(s);
    s = link(3'000'000, 100);
    s.name = "3 Mbps, queue of 60 ms";
    s.config.link.max_queue = milliseconds(60);
    all.push_back(s);
    s = link(3'000'000, 100);
    s.name = "3 Mbps, queue of 20 ms";
    s.config.link.max_queue = milliseconds(20);
    all.push_back(s);
    s = link(1'000'000, 100);
    s.name = "1 Mbps, queue of 40 ms, 3 % lost";
    s.config.link.max_queue = milliseconds(40);
    s.config.link.loss = 0.03;
    all.push_back(s);
    return all;
}

// A screen share of a single layer, alone: all or nothing.
std::vector<Scenario> shares() {
    std::vector<Scenario> all;
    for (const std::int64_t link_bps : {3'000'000, 20'000'000}) {
        for (const std::int64_t bps : {3'500'000, 8'000'000}) {
            Scenario s = link(link_bps, 100);
            s.name += ", a share of " + in_words(bps);
            s.config.video = {.cameras = 0, .share_bps = bps, .share_stage = bridge::Stage::on};
            all.push_back(s);
        }
    }
    return all;
}

std::vector<Scenario> all_scenarios() {
    std::vector<Scenario> all;
    for (auto group : {fixed_links(), steps(), losses(), disturbances(), shares()}) {
        all.insert(all.end(), group.begin(), group.end());
    }
    return all;
}

Duration queue_of_video(const Scenario& scenario, double share) {
    const bool steps = scenario.step >= Duration(0);
    const std::int64_t after = scenario.left != 0 ? scenario.left : scenario.after;
    const std::int64_t available = steps ? after : scenario.available;
    CallConfig config = scenario.config;
    if (steps) config.link.bps = scenario.after;
    HeldRate held(static_cast<std::int64_t>(share * static_cast<double>(available)));
    Call call(held, config);
    call.link().set_cross(scenario.cross);
    call.run(scenario.length);
    return measure(call, seconds(10), scenario.length, available).queue_p95;
}

Outcome play(const Scenario& scenario, bridge::BandwidthEstimator& estimator) {
    Call call(estimator, scenario.config);
    call.link().set_cross(scenario.cross);
    const bool steps = scenario.step >= Duration(0);
    const std::int64_t after = scenario.left != 0 ? scenario.left : scenario.after;
    const std::int64_t last = steps ? after : scenario.available;
    if (steps) call.at(scenario.step, [&](Link& link) { link.config().bps = scenario.after; });
    if (scenario.stall_every > Duration(0)) {
        for (Duration t = scenario.stall_every; t < scenario.length; t += scenario.stall_every) {
            const TimePoint until = TimePoint{} + t + scenario.stall_time;
            call.at(t, [until](Link& link) { link.stall(until); });
        }
    }
    call.run(scenario.length);
    const Duration begin = steps ? scenario.step : Duration(0);
    Outcome out;
    out.whole = measure(call, {}, scenario.length, last);
    out.start = measure(call, {}, steps ? scenario.step : scenario.length, scenario.available);
    out.steady = measure(call, begin + seconds(10), scenario.length, last);
    out.step = measure(call, begin, scenario.length, last);
    return out;
}

}  // namespace jmeet::test
