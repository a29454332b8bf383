// Bandwidth sweeps of four simulcast cameras: the estimate rises in steps of 10 kbps and every
// change of the allocation is compared with the tables of JVB's BitrateControllerTest.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bridge/allocation/allocation.hpp"
#include "tests/bridge/allocation/sources.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

std::string describe(const Allocation& allocation, const std::vector<SourceSnapshot>& sources) {
    std::string out;
    for (const auto& source : sources) {
        if (!out.empty()) out += '/';
        const auto* decision = allocation.find(source.name);
        out += layer_name(source, decision ? decision->target : kSuspended);
    }
    if (allocation.oversending) out += '!';
    return out;
}

enum class Speaker { first, second };

// "50 l7/-/-/-" per change, joined by blanks, in the order of `sources` whoever speaks.
std::string sweep(const std::vector<SourceSnapshot>& sources, const ReceiverSettings& settings,
                  Speaker speaker = Speaker::first) {
    std::vector<const SourceSnapshot*> order;
    for (const auto& s : sources) order.push_back(&s);
    if (speaker == Speaker::second) std::swap(order[0], order[1]);
    const AllocationConfig config;
    std::string out;
    Allocation last = allocate(order, settings, {}, kUnknownBandwidth, config);
    for (std::int64_t kbps = 0; kbps <= 5000; kbps += 10) {
        Allocation next = allocate(order, settings, {}, kbps * 1000, config);
        if (!same_targets(last, next)) {
            if (!out.empty()) out += ' ';
            out += std::to_string(kbps) + ' ' + describe(next, sources);
        }
        last = std::move(next);
    }
    return out;
}

ReceiverSettings tile(int height, int last_n = -1) {
    ReceiverSettingsUpdate u;
    u.last_n = last_n;
    u.selected = names({"A", "B", "C", "D"});
    u.constraints = ConstraintsMap{};
    for (const char* n : {"A", "B", "C", "D"}) (*u.constraints)[source_name(n)] = {height};
    ReceiverSettings settings;
    settings.apply(u);
    return settings;
}

ReceiverSettings stage(std::vector<SourceName> on_stage, int height, int last_n = -1) {
    ReceiverSettingsUpdate u;
    u.last_n = last_n;
    u.constraints = ConstraintsMap{};
    for (const auto& n : on_stage) (*u.constraints)[n] = {height};
    u.on_stage = std::move(on_stage);
    ReceiverSettings settings;
    settings.apply(u);
    return settings;
}

const char* const kTile180 =
    "50 l7/-/-/- 100 l7/l7/-/- 150 l7/l7/l7/- 200 l7/l7/l7/l7 250 l15/l7/l7/l7 "
    "300 l15/l15/l7/l7 350 l15/l15/l15/l7 400 l15/l15/l15/l15 450 l30/l15/l15/l15 "
    "500 l30/l30/l15/l15 550 l30/l30/l30/l15 610 l30/l30/l30/l30";
const std::string kTile360 = std::string(kTile180) +
    " 960 s30/l30/l30/l30 1310 s30/s30/l30/l30 1660 s30/s30/s30/l30 2010 s30/s30/s30/s30";
const char* const kStage =
    "50 l7/-/-/- 100 l15/-/-/- 150 l30/-/-/- 500 s30/-/-/- 550 s30/l7/-/- 600 s30/l7/l7/- "
    "650 s30/l7/l7/l7 700 s30/l15/l7/l7 750 s30/l15/l15/l7 800 s30/l15/l15/l15 "
    "850 s30/l30/l15/l15 900 s30/l30/l30/l15 960 s30/l30/l30/l30 2150 h30/l7/l7/l7 "
    "2200 h30/l15/l7/l7 2250 h30/l15/l15/l7 2300 h30/l15/l15/l15 2350 h30/l30/l15/l15 "
    "2400 h30/l30/l30/l15 2460 h30/l30/l30/l30";
const char* const kStageDesktop =
    "0 s30/-/-/-! 160 h7/-/-/-! 660 h7/-/-/- 1320 h15/-/-/- 2000 h30/-/-/- 2050 h30/l7/-/- "
    "2100 h30/l7/l7/- 2150 h30/l7/l7/l7 2200 h30/l15/l7/l7 2250 h30/l15/l15/l7 "
    "2300 h30/l15/l15/l15 2350 h30/l30/l15/l15 2400 h30/l30/l30/l15 2460 h30/l30/l30/l30";

std::vector<SourceSnapshot> four_cameras() {
    return {camera("A"), camera("B"), camera("C"), camera("D")};
}

}  // namespace

TEST_CASE("stage: the camera on stage reaches 360p before a thumbnail gets anything") {
    CHECK(sweep(four_cameras(), stage(names({"A"}), 720)) == kStage);
}

TEST_CASE("stage: it does not matter that another one speaks") {
    CHECK(sweep(four_cameras(), stage(names({"A"}), 720), Speaker::second) == kStage);
}

TEST_CASE("stage: a screen share is sent sharp first and may exceed the estimate") {
    auto sources = four_cameras();
    sources[0].video_type = VideoType::desktop;
    CHECK(sweep(sources, stage(names({"A"}), 720)) == kStageDesktop);
}

TEST_CASE("stage with last-N 1: only the source on stage") {
    CHECK(sweep(four_cameras(), stage(names({"A"}), 720, 1)) ==
          "50 l7/-/-/- 100 l15/-/-/- 150 l30/-/-/- 500 s30/-/-/- 2010 h30/-/-/-");
    CHECK(sweep(four_cameras(), stage(names({"A"}), 720, 1), Speaker::second) ==
          "50 l7/-/-/- 100 l15/-/-/- 150 l30/-/-/- 500 s30/-/-/- 2010 h30/-/-/-");
}

TEST_CASE("last-N 0: nothing at any estimate") {
    CHECK(sweep(four_cameras(), stage(names({"A"}), 720, 0)).empty());
    CHECK(sweep(four_cameras(), tile(180, 0)).empty());
}

TEST_CASE("tile: everybody rises together") {
    CHECK(sweep(four_cameras(), tile(180)) == kTile180);
    CHECK(sweep(four_cameras(), tile(360)) == kTile360);
    CHECK(sweep(four_cameras(), tile(720)) == kTile360 + " 3510 h30/s30/s30/s30");
}

TEST_CASE("tile with last-N 1: a step needs more than an exact fit") {
    CHECK(sweep(four_cameras(), tile(180, 1)) == "50 l7/-/-/- 100 l15/-/-/- 160 l30/-/-/-");
    CHECK(sweep(four_cameras(), tile(360, 1)) ==
          "50 l7/-/-/- 100 l15/-/-/- 160 l30/-/-/- 510 s30/-/-/-");
}

TEST_CASE("two cameras on stage: the second waits for the first") {
    const std::vector<SourceSnapshot> sources{camera("A"), camera("B"), camera("C")};
    CHECK(sweep(sources, stage(names({"A", "B"}), 720)) ==
          "50 l7/-/- 100 l15/-/- 150 l30/-/- 500 s30/-/- 550 s30/l7/- 600 s30/l15/- "
          "650 s30/l30/- 1000 s30/s30/- 1050 s30/s30/l7 1100 s30/s30/l15 1160 s30/s30/l30 "
          "2550 h30/s30/l7 2600 h30/s30/l15 2660 h30/s30/l30 4050 h30/h30/l7 "
          "4100 h30/h30/l15 4160 h30/h30/l30");
}

TEST_CASE("a VP9 screen share of one height on stage, with a camera thumbnail") {
    const std::vector<SourceSnapshot> sources{vp9_desktop("A"), camera("B")};
    CHECK(sweep(sources, stage(names({"A"}), 720)) ==
          "0 l1/-! 150 l1/- 370 l2/- 750 l3/- 800 l3/l7 850 l3/l15 910 l3/l30");
}

TEST_CASE("the same screen share selected but not on stage gets its first layer at the end") {
    const std::vector<SourceSnapshot> sources{vp9_desktop("A"), camera("B")};
    ReceiverSettingsUpdate u;
    u.selected = names({"A"});
    ReceiverSettings settings;
    settings.apply(u);
    CHECK(sweep(sources, settings) ==
          "50 -/l7 100 -/l15 160 l1/- 200 l1/l7 250 l1/l15 310 l1/l30");
}

TEST_CASE("a camera without low layers exceeds the height limit rather than show nothing") {
    auto high_only = camera("A");
    high_only.layers.erase(high_only.layers.begin(), high_only.layers.begin() + 6);
    const std::vector<SourceSnapshot> sources{high_only, camera("B")};
    ReceiverSettings settings;
    settings.apply({});
    CHECK(sweep(sources, settings) ==
          "50 -/l7 100 -/l15 160 -/l30 670 h7/- 710 h7/l7 760 h7/l15 820 h7/l30 1370 h15/l7 "
          "1420 h15/l15 1480 h15/l30 2100 h30/l15 2160 h30/l30");
}

TEST_CASE("every decision has its reason") {
    const auto sources = four_cameras();
    std::vector<const SourceSnapshot*> order;
    for (const auto& s : sources) order.push_back(&s);
    auto reason = [&](const ReceiverSettings& settings, std::int64_t bps, const char* name) {
        return allocate(order, settings, {}, bps, {}).find(source_name(name))->reason;
    };
    CHECK(reason(stage(names({"A"}), 720), 5'000'000, "A") == AllocationReason::ideal);
    CHECK(reason(stage(names({"A"}), 720), 600'000, "A") == AllocationReason::bandwidth_limited);
    CHECK(reason(stage(names({"A"}), 720), 500'000, "B") == AllocationReason::suspended);
    CHECK(reason(stage(names({"A"}), 720), -1, "A") == AllocationReason::bandwidth_unknown);
    CHECK(reason(stage(names({"A"}), 720, 1), 5'000'000, "B") == AllocationReason::beyond_last_n);
    CHECK(reason(ReceiverSettings{}, 5'000'000, "A") == AllocationReason::not_wanted);
}

TEST_CASE("a source without packets yet costs nothing and is forwarded as soon as it starts") {
    auto idle = camera("A");
    for (Layer& l : idle.layers) l.bitrate = 0;
    const std::vector<SourceSnapshot> sources{idle};
    const SourceSnapshot* order[] = {&sources[0]};
    ReceiverSettings thumbnail;
    thumbnail.apply({});
    CHECK(describe(allocate(order, thumbnail, {}, 0, {}), sources) == "-");
    CHECK(describe(allocate(order, thumbnail, {}, 10'000, {}), sources) == "l15");
    const auto on_stage = stage(names({"A"}), 720);
    CHECK(describe(allocate(order, on_stage, {}, 0, {}), sources) == "h30");
    CHECK(describe(allocate(order, on_stage, {}, 10'000, {}), sources) == "h30");
}
