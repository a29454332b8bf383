#include "focus/sources.hpp"

#include <doctest/doctest.h>

#include "tests/focus/source_samples.hpp"

using namespace jmeet::focus;
using namespace jmeet::focus::samples;

namespace {

constexpr char kUsed[] = "SSRC is already used: 1.";
constexpr char kMsidUsed[] = "MSID is already used: m.";
constexpr char kXMsidUsed[] = "MSID is already used: msid.";

std::string add_refusal(ConferenceSources& sources, const std::string& owner,
                        const EndpointSourceSet& set) {
    const ConferenceSourceMap before = sources.map();
    const auto result = sources.try_add(owner, set);
    if (result) return {};
    CHECK(sources.map() == before);
    return result.error().what;
}

std::string remove_refusal(ConferenceSources& sources, const std::string& owner,
                           const EndpointSourceSet& set) {
    const ConferenceSourceMap before = sources.map();
    const auto result = sources.try_remove(owner, set);
    if (result) return {};
    CHECK(sources.map() == before);
    return result.error().what;
}

std::string first_add_refusal(const EndpointSourceSet& set) {
    ConferenceSources sources;
    return add_refusal(sources, "E1", set);
}

// A conference in which E1 has sent X.
ConferenceSources with_x() {
    ConferenceSources sources;
    REQUIRE(sources.try_add("E1", x()).has_value());
    return sources;
}

}  // namespace

TEST_CASE("empty and whole sets are accepted as given") {
    ConferenceSources sources;
    CHECK(sources.try_add("E1", {})->empty());
    CHECK(sources.map().empty());
    CHECK(*sources.try_add("E1", x()) == x());
    CHECK(sources.of("E1") == x());
    const EndpointSourceSet other = set({v(101, "m2"), v(102, "m2"), a(103)}, {fid(101, 102)});
    CHECK(*sources.try_add("E2", other) == other);
    CHECK(sources.except("E1") == ConferenceSourceMap("E2", other));
}

TEST_CASE("a set may come in two parts, in either order") {
    EndpointSourceSet video = x();
    video.sources.pop_back();
    const EndpointSourceSet audio = set({a(7)});
    ConferenceSources sources;
    CHECK(*sources.try_add("E1", video) == video);
    CHECK(*sources.try_add("E1", audio) == audio);
    CHECK(sources.of("E1") == x());
    ConferenceSources other;
    CHECK(*other.try_add("E1", audio) == audio);
    CHECK(*other.try_add("E1", video) == video);
    CHECK(other.of("E1") == x());
}

TEST_CASE("SSRC 0 is invalid, and one that anybody has is used") {
    CHECK(first_add_refusal(set({a(0)})) == "Invalid SSRC: 0.");
    for (const char* owner : {"E1", "E2"}) {
        ConferenceSources sources;
        REQUIRE(sources.try_add("E1", set({a(1, "x")})).has_value());
        CHECK(add_refusal(sources, owner, set({a(1, "y")})) == kUsed);
        CHECK(add_refusal(sources, owner, set({v(1, "y")})) == kUsed);
    }
    CHECK(first_add_refusal(set({a(1, "x"), v(1, "y")})) == kUsed);
}

TEST_CASE("limits of sources and groups per participant") {
    ConferenceSources four({.max_ssrcs_per_user = 4, .max_groups_per_user = 20});
    CHECK(add_refusal(four, "E1", x()) == "SSRC limit (4) exceeded.");
    CHECK(four.try_add("E1", set({v(1), v(2), v(3)}, {sim({1, 2, 3})})).has_value());
    CHECK(add_refusal(four, "E1", set({v(4), v(5), v(6)}, {fid(1, 4), fid(2, 5), fid(3, 6)})) ==
          "SSRC limit (4) exceeded.");

    ConferenceSources two({.max_ssrcs_per_user = 20, .max_groups_per_user = 2});
    CHECK(add_refusal(two, "E1", x()) == "ssrc-group limit (2) exceeded.");
    CHECK(two.try_add("E1", set({v(1), v(2), v(3)}, {sim({1, 2, 3})})).has_value());
    CHECK(add_refusal(two, "E1", set({v(4), v(5), v(6)}, {fid(1, 4), fid(2, 5), fid(3, 6)})) ==
          "ssrc-group limit (2) exceeded.");
}

TEST_CASE("groups: msids must be there and equal, members known, FIDs pairs") {
    CHECK(first_add_refusal(set({v(1, ""), v(2, ""), v(3, "")}, {sim({1, 2, 3})})) ==
          "Required source parameter 'msid' is not present.");
    CHECK(first_add_refusal(set({v(1, "m"), v(2, "m"), v(3, "other")}, {sim({1, 2, 3})})) ==
          "SsrcGroup contains sources with different MSIDs: [1, 2, 3].");
    CHECK(first_add_refusal(set({v(1, "m")}, {fid(1, 2)})) ==
          "An SSRC group contains an SSRC, which hasn't been signaled as a source: [1, 2].");
    CHECK(first_add_refusal(set({v(1), v(2), v(3)}, {group(GroupSemantics::fid, {1, 2, 3})})) ==
          "Invalid FID group: [1, 2, 3].");
    CHECK(first_add_refusal(set({v(1)}, {group(GroupSemantics::fid, {1})})) ==
          "Invalid FID group: [1].");
}

TEST_CASE("an msid belongs to one endpoint and there to one extended group per media type") {
    ConferenceSources sources;
    REQUIRE(sources.try_add("E1", set({v(1, "m")})).has_value());
    CHECK(add_refusal(sources, "E2", set({v(2, "m")})) == kMsidUsed);
    CHECK(add_refusal(sources, "E1", set({v(2, "m")})) == kMsidUsed);
    CHECK(first_add_refusal(set({v(1, "m"), v(2, "m")})) == kMsidUsed);
    CHECK(first_add_refusal(set({v(1, "m"), v(2, "m"), v(4, "m"), v(5, "m")},
                                {fid(1, 4), fid(2, 5)})) == kMsidUsed);
    CHECK(first_add_refusal(set({v(1, "m"), v(2, "m"), v(3, "m"), v(4, "m")},
                                {sim({1, 2}), sim({3, 4})})) == kMsidUsed);
    CHECK(first_add_refusal(set({v(1, ""), v(2, ""), v(3, ""), a(4), a(5)})).empty());
    CHECK(first_add_refusal(set({a(1), v(2, "")})).empty());
    CHECK(first_add_refusal(set({v(1, "m"), a(111, "m")})).empty());
    CHECK(first_add_refusal(x() + set({a(111, "msid")})).empty());
}

TEST_CASE("empty groups are dropped silently, and so are stored ones") {
    ConferenceSources sources;
    const auto accepted = sources.try_add(
        "E1", set({v(1), v(2), v(3)},
                  {sim({1, 2, 3}), sim({}), group(GroupSemantics::fid, {})}));
    REQUIRE(accepted.has_value());
    CHECK(*accepted == set({v(1), v(2), v(3)}, {sim({1, 2, 3})}));
    CHECK(sources.try_add("E1", set({}, {sim({1, 2, 3})}))->empty());
}

TEST_CASE("removal: what may be removed, and what is removed with it") {
    ConferenceSources nothing = with_x();
    CHECK(nothing.try_remove("E1", {})->empty());

    ConferenceSources whole = with_x();
    CHECK(*whole.try_remove("E1", x()) == x());
    CHECK(whole.map().empty());
    CHECK(whole.try_add("E2", x()).has_value());

    ConferenceSources ungrouped = with_x();
    CHECK(*ungrouped.try_remove("E1", set(x().sources)) == x());

    ConferenceSources first = with_x();
    EndpointSourceSet all_but_v1 = x();
    std::erase(all_but_v1.sources, v(1));
    CHECK(*first.try_remove("E1", all_but_v1) == all_but_v1);
    CHECK(first.of("E1") == set({v(1)}));
    // The msid is still E1's, the SSRCs are free.
    CHECK(add_refusal(first, "E2", set({v(50)})) == kXMsidUsed);
    CHECK(first.try_add("E2", set({v(2, "new")})).has_value());
}

TEST_CASE("removal: what is refused") {
    ConferenceSources sources = with_x();
    CHECK(remove_refusal(sources, "E2", x()) ==
          "Source does not exist or is not owned by endpoint .");
    CHECK(remove_refusal(sources, "E1", set({v(1111)})) ==
          "Source does not exist or is not owned by endpoint (ssrc=1111).");
    CHECK(remove_refusal(sources, "E1", x() + set({}, {fid(1, 2)})) ==
          "Source group does not exist");
    CHECK(remove_refusal(sources, "E1", set({v(1), v(4)}, {sim({1, 2, 3}), fid(1, 4)})) ==
          kXMsidUsed);
    CHECK(remove_refusal(sources, "E1", set({v(1)})) == kXMsidUsed);
    CHECK(remove_refusal(sources, "E1", set({}, {sim({1, 2, 3})})) == kXMsidUsed);
    CHECK(remove_refusal(sources, "E1", set({}, {fid(1, 4)})) == kXMsidUsed);
    CHECK(remove_refusal(sources, "E1", set({}, x().groups)) == kXMsidUsed);
    CHECK(sources.of("E1") == x());
}

TEST_CASE("sources are removed by their SSRC alone") {
    ConferenceSources sources;
    REQUIRE(sources.try_add("E1", set({a(1, "x"), a(2, "y")})).has_value());
    CHECK(*sources.try_remove("E1", set({v(1, "")})) == set({a(1, "x")}));
}

TEST_CASE("an owner that leaves frees its SSRCs and msids; views follow") {
    ConferenceSources sources = with_x();
    const ConferenceSourceMap& view = sources.map();
    CHECK(view.size() == 1);
    CHECK(sources.remove_owner("E1") == x());
    CHECK(view.empty());
    CHECK(sources.remove_owner("E1").empty());
    CHECK(*sources.try_add("E2", x()) == x());
}

TEST_CASE("map arithmetic: unions, differences, owners that disappear") {
    ConferenceSourceMap map("E1", set({v(1), v(2)}));
    map.add("E1", set({v(2), v(3)}));
    CHECK(*map.find("E1") == set({v(1), v(2), v(3)}));
    map.remove("E1", set({v(1), v(99)}));
    CHECK(*map.find("E1") == set({v(2), v(3)}));
    map.remove("E9", set({v(1)}));
    map.add("E2", {});
    CHECK(map.size() == 1);
    map.remove(ConferenceSourceMap("E1", set({v(2), v(3)})));
    CHECK(map.empty());
}

TEST_CASE("equality sees every field, and the order in a group but not in a set") {
    CHECK(set({v(1), v(2)}) == set({v(2), v(1)}));
    CHECK_FALSE(set({v(1)}) == set({v(1, "other")}));
    CHECK_FALSE(set({v(1), v(2)}, {sim({1, 2})}) == set({v(1), v(2)}, {sim({2, 1})}));
    Source renamed = v(1);
    renamed.name = "n";
    CHECK_FALSE(set({v(1)}) == set({renamed}));
}

TEST_CASE("simulcast stripping leaves the first layer with its RTX") {
    CHECK(set({v(1), v(2), v(3), v(8), a(7)}, {sim({1, 2, 3})}).without_simulcast() ==
          set({v(1), a(7), v(8)}));
    CHECK(set({v(1), v(2), v(3), v(4), v(5), v(6), a(7), v(8)}, {sim({1, 2, 3}), sim({4, 5, 6})})
              .without_simulcast() == set({v(1), v(4), a(7), v(8)}));
    CHECK((x("") + set({v(8, "")})).without_simulcast() ==
          set({v(1, ""), v(4, ""), a(7), v(8, "")}, {fid(1, 4)}));
}

TEST_CASE("filters take media types away, and groups with them") {
    CHECK(x().filtered({.audio = true, .video = false}) == set({a(7)}));
    CHECK(x().filtered({.audio = false, .video = true, .strip_simulcast = false}).groups.size() ==
          4);
    ConferenceSourceMap map("E1", set({v(1)}));
    map.add("E2", set({a(2), v(3)}));
    CHECK(map.filtered({.audio = true, .video = false}) == ConferenceSourceMap("E2", set({a(2)})));
}
