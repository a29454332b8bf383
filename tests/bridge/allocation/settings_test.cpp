#include <doctest/doctest.h>

#include "bridge/allocation/allocation.hpp"
#include "tests/bridge/allocation/sources.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

ReceiverSettingsUpdate with_default(int height) {
    ReceiverSettingsUpdate u;
    u.default_constraints = VideoConstraints{height};
    return u;
}
ReceiverSettingsUpdate with_assumed(std::int64_t bps) {
    ReceiverSettingsUpdate u;
    u.assumed_bandwidth = bps;
    return u;
}

// Sources s1..s3 cameras, s4 and s5 disabled, s6 none.
std::vector<SourceSnapshot> six(std::initializer_list<int> order) {
    std::vector<SourceSnapshot> out;
    for (int i : order) {
        SourceSnapshot s;
        s.name = SourceName("s" + std::to_string(i));
        s.video_type = i == 6                 ? VideoType::none
                       : (i == 4 || i == 5) ? VideoType::disabled
                                              : VideoType::camera;
        out.push_back(s);
    }
    return out;
}

// "s1=180 s2=180", zeros left out.
std::string effective(std::initializer_list<int> order, int last_n, int height,
                      const ConstraintsMap& constraints = {}) {
    const auto sources = six(order);
    std::vector<const SourceSnapshot*> pointers;
    for (const auto& s : sources) pointers.push_back(&s);
    ReceiverSettingsUpdate u = with_default(height);
    u.constraints = constraints;
    ReceiverSettings settings;
    settings.apply(u);
    const auto ordered = prioritize(pointers, settings);
    const auto result = effective_constraints(ordered, settings, last_n);
    std::string out;
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (result[i].disabled()) continue;
        if (!out.empty()) out += ' ';
        out += ordered[i]->name.value() + '=' + std::to_string(result[i].max_height);
    }
    return out;
}

std::string order_with(std::vector<SourceName> selected) {
    std::vector<SourceSnapshot> sources;
    for (int i = 6; i >= 1; --i) {
        SourceSnapshot s;
        s.name = SourceName("s" + std::to_string(i));
        sources.push_back(s);
    }
    std::vector<const SourceSnapshot*> pointers;
    for (const auto& s : sources) pointers.push_back(&s);
    ReceiverSettingsUpdate u;
    u.selected = std::move(selected);
    ReceiverSettings settings;
    settings.apply(u);
    std::string out;
    for (const auto* s : prioritize(pointers, settings)) out += s->name.value();
    return out;
}

SourceName n(const char* name) { return SourceName(name); }

}  // namespace

TEST_CASE("nothing is wanted before the first constraints, 180 after an empty message") {
    ReceiverSettings s;
    CHECK(s.default_constraints().max_height == 0);
    CHECK(s.apply({}) == SettingsChange::changed);
    CHECK(s.default_constraints().max_height == 180);
    CHECK(s.apply({}) == SettingsChange::none);
}

TEST_CASE("a first message that names a default keeps it") {
    ReceiverSettings a;
    CHECK(a.apply(with_default(180)) == SettingsChange::changed);
    ReceiverSettings b;
    CHECK(b.apply(with_default(0)) == SettingsChange::none);
    CHECK(b.apply({}) == SettingsChange::none);
    CHECK(b.default_constraints().max_height == 0);
    ReceiverSettings c;
    CHECK(c.apply(with_default(720)) == SettingsChange::changed);
    CHECK(c.apply({}) == SettingsChange::none);
    CHECK(c.default_constraints().max_height == 720);
}

TEST_CASE("LastNChangedEvent is not the first constraints") {
    ReceiverSettings s;
    CHECK(s.set_last_n(4) == SettingsChange::changed);
    CHECK(s.default_constraints().max_height == 0);
    CHECK_FALSE(s.received_any());
    CHECK(s.set_initial_last_n(2) == SettingsChange::changed);
    s.apply({});
    CHECK(s.set_initial_last_n(7) == SettingsChange::none);
    CHECK(s.last_n() == 2);
}

TEST_CASE("assumed bandwidth counts only up to a configured limit") {
    AllocationConfig config;
    config.assumed_bandwidth_limit = 10'000'000;
    ReceiverSettings s(config);
    s.apply({});
    CHECK(s.apply(with_assumed(20'000'000)) == SettingsChange::changed);
    CHECK(s.assumed_bandwidth() == 10'000'000);
    CHECK(s.apply(with_assumed(2'000'000)) == SettingsChange::changed);
    CHECK(s.assumed_bandwidth() == 2'000'000);
    CHECK(s.apply(with_assumed(-1)) == SettingsChange::changed);
    CHECK(s.apply(with_assumed(-1)) == SettingsChange::none);
    ReceiverSettings without;
    without.apply({});
    CHECK(without.apply(with_assumed(2'000'000)) == SettingsChange::none);
    CHECK(without.assumed_bandwidth() == -1);
}

TEST_CASE("constraints replace the whole map") {
    ReceiverSettings s;
    ReceiverSettingsUpdate u;
    u.constraints = ConstraintsMap{{n("a-v0"), {720}}};
    s.apply(u);
    CHECK(s.constraints_for(n("a-v0")).max_height == 720);
    u.constraints = ConstraintsMap{{n("b-v0"), {360}}};
    s.apply(u);
    CHECK(s.constraints_for(n("a-v0")).max_height == 180);
    CHECK(s.constraints_for(n("b-v0")).max_height == 360);
}

TEST_CASE("effective constraints: sources with zero or disabled take no last-N place") {
    CHECK(effective({1, 2, 3, 4, 5, 6}, 0, 180) == "");
    CHECK(effective({1, 2, 3, 4, 5, 6}, 1, 180) == "s1=180");
    CHECK(effective({1, 2, 3, 4, 5, 6}, 1, 360) == "s1=360");
    CHECK(effective({1, 2, 3, 4, 5, 6}, 1, 0) == "");
    CHECK(effective({1, 2, 3, 4, 5, 6}, 1, 0, {{n("s1"), {720}}}) == "s1=720");
    CHECK(effective({1, 2, 3, 4, 5, 6}, 1, 0, {{n("s4"), {720}}}) == "");
    CHECK(effective({4, 5, 6, 1, 2, 3}, 1, 180) == "s1=180");
    CHECK(effective({4, 5, 6, 1, 2, 3}, 1, 0, {{n("s5"), {180}}}) == "");
    CHECK(effective({4, 5, 6, 1, 2, 3}, 1, 0, {{n("s2"), {180}}}) == "s2=180");
    CHECK(effective({4, 5, 6, 1, 2, 3}, 1, 0, {{n("s2"), {180}}, {n("s3"), {180}}}) == "s2=180");
    CHECK(effective({1, 2, 3, 4, 5, 6}, 3, 180) == "s1=180 s2=180 s3=180");
    CHECK(effective({4, 5, 6, 1, 2, 3}, 3, 180) == "s1=180 s2=180 s3=180");
    CHECK(effective({4, 5, 6, 1, 2, 3}, 3, 0,
                    {{n("s6"), {180}}, {n("s2"), {180}}, {n("s3"), {180}}}) == "s2=180 s3=180");
}

TEST_CASE("selected sources come first, in the order of selection") {
    CHECK(order_with({}) == "s6s5s4s3s2s1");
    CHECK(order_with({n("s2")}) == "s2s6s5s4s3s1");
    CHECK(order_with({n("s2"), n("s1"), n("s5")}) == "s2s1s5s6s4s3");
}

TEST_CASE("the smallest last-N that is set wins") {
    CHECK(effective_last_n({-1, -1}) == -1);
    CHECK(effective_last_n({-1, 10}) == 10);
    CHECK(effective_last_n({10, -1}) == 10);
    CHECK(effective_last_n({2, 3}) == 2);
    CHECK(effective_last_n({-1, 10, -1}) == 10);
    CHECK(effective_last_n({2, 3, 33}) == 2);
}

TEST_CASE("conference size limits use the greatest key not above the size") {
    const std::map<int, int> limits{{40, 10}, {20, 20}, {30, 15}, {50, 5}};
    const std::pair<int, int> cases[] = {{19, -1}, {20, 20}, {21, 20}, {29, 20},  {30, 15},
                                         {31, 15}, {40, 10}, {50, 5},  {1000, 5}};
    for (auto [size, limit] : cases) CHECK(conference_size_limit(limits, size) == limit);
    CHECK(conference_size_limit({}, 111) == -1);
}
