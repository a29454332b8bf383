#include "bridge/allocation/explain.hpp"

#include <doctest/doctest.h>

#include "tests/bridge/allocation/sources.hpp"

using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

struct Case {
    std::vector<SourceSnapshot> sources;
    ReceiverSettingsUpdate update;
    LastNLimits limits;
    AllocationConfig config;
    std::int64_t bps = kUnlimitedBandwidth;
    BandwidthRule rule = BandwidthRule::estimate;

    std::vector<std::string> sentences() const {
        std::vector<const SourceSnapshot*> offered;
        for (const auto& s : sources) offered.push_back(&s);
        ReceiverSettings settings(config);
        settings.apply(update);
        return explain(allocate(offered, settings, limits, bps, config), rule);
    }
};

Case three_cameras() {
    Case c;
    c.sources = {camera("a"), camera("b"), camera("c")};
    return c;
}

}  // namespace

TEST_CASE("each receiver's sentences name the bandwidth, last-N and the sources in order") {
    Case c = three_cameras();
    c.update.default_constraints = VideoConstraints{180};
    c.bps = 10'000'000;
    const auto said = c.sentences();
    REQUIRE(said.size() == 5);
    CHECK(said[0] == "Bandwidth: 10000 kb/s, estimated. Sent: 450 kb/s of 450 kb/s wanted.");
    CHECK(said[1] == "At most 50 sources: the limit of SSRCs.");
    CHECK(said[2] == "a-v0, camera of a: 180p at 150 kb/s, the best layer for what is wanted "
                     "(up to 180p asked for by default).");
}

TEST_CASE("a lower layer is explained by what the next one needs") {
    Case c = three_cameras();
    c.sources.resize(1);
    c.update.on_stage = names({"a"});
    c.update.constraints = ConstraintsMap{{source_name("a"), VideoConstraints{720}}};
    c.bps = 1'000'000;
    CHECK(c.sentences()[2] ==
          "a-v0, camera of a: 360p at 500 kb/s instead of 720p (up to 720p asked for this source, "
          "on stage): the next layer needs 2000 kb/s, and 500 kb/s are left.");
}

TEST_CASE("a source that does not fit at all, is not wanted, or is beyond last-N says so") {
    Case c = three_cameras();
    c.update.default_constraints = VideoConstraints{180};
    c.update.constraints = ConstraintsMap{{source_name("b"), VideoConstraints{0}}};
    c.update.last_n = 1;
    c.bps = 10'000;
    const auto said = c.sentences();
    CHECK(said[1] == "At most 1 sources: the receiver's lastN.");
    CHECK(said[2] == "a-v0, camera of a: nothing (up to 180p asked for by default): the next layer "
                     "needs 50 kb/s, and 10 kb/s are left.");
    CHECK(said[3] == "b-v0, camera of b: nothing: the receiver asked for none of this source.");
    CHECK(said[4] == "c-v0, camera of c: nothing (up to 180p asked for by default): sources before "
                     "it have used up last-N.");
}

TEST_CASE("a screen on stage that exceeds the bandwidth says that it goes first") {
    Case c;
    c.sources = {vp9_desktop("a")};
    c.update.on_stage = names({"a"});
    c.update.default_constraints = VideoConstraints{720};
    c.bps = 100'000;
    const auto said = c.sentences();
    CHECK(said[0].ends_with(", which is more than there is."));
    CHECK(said[2].find("although it does not fit: a screen on stage is sent first") !=
          std::string::npos);
}

TEST_CASE("where bandwidth has no limit, the reason is told") {
    Case c = three_cameras();
    c.rule = BandwidthRule::no_rtx;
    CHECK(c.sentences()[0].starts_with("Bandwidth: no limit, for the receiver takes no retrans"));
    c.rule = BandwidthRule::not_yet;
    CHECK(c.sentences()[0].starts_with("Bandwidth: no limit, for there is no estimate yet."));
    c.rule = BandwidthRule::not_asked;
    CHECK(c.sentences()[0].find("(trust-bwe)") != std::string::npos);
    c.rule = BandwidthRule::assumed;
    c.bps = 250'000;
    CHECK(c.sentences()[0].starts_with("Bandwidth: 250 kb/s, named by the receiver"));
    c.rule = BandwidthRule::estimate;
    c.bps = kUnknownBandwidth;
    c.update.default_constraints = VideoConstraints{180};
    const auto said = c.sentences();
    CHECK(said[0] == "Bandwidth: reported as unknown, so no video is sent.");
    CHECK(said[2].ends_with("the bandwidth is reported as unknown."));
}

TEST_CASE("muted sources and sources without layers say why nothing comes") {
    Case c = three_cameras();
    c.sources[0].video_type = VideoType::none;
    c.sources[1].layers.clear();
    c.sources.resize(2);
    c.update.default_constraints = VideoConstraints{180};
    const auto said = c.sentences();
    CHECK(said[2] == "b-v0, camera of b: nothing (up to 180p asked for by default): no packet of it "
                     "has come and none is announced.");
    CHECK(said[3] == "a-v0, muted source of a: nothing: its sender sends no video.");
}
