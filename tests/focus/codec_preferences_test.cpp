// Jicofo's table of the preference aggregate, row by row.
#include "focus/codec_preferences.hpp"

#include <doctest/doctest.h>

namespace jmeet::focus {
namespace {

using Codecs = std::vector<std::string>;

struct Preferences : CodecPreferences {
    const Codecs three{"vp9", "vp8", "h264"};
};

TEST_CASE_FIXTURE(Preferences, "one list is what everybody can do, and it is told once") {
    CHECK(common().empty());
    CHECK(add(three));
    CHECK(common() == three);
    CHECK(!add(three));
    CHECK(common() == three);
    CHECK(lists() == 2);
    CHECK(!remove(three));
    CHECK(remove(three));
    CHECK(common().empty());
    CHECK(ranks().empty());
}

TEST_CASE_FIXTURE(Preferences, "what one of them lacks is out, and comes back when he leaves") {
    add(three);
    CHECK(add({"vp8", "h264"}));
    CHECK(common() == Codecs{"vp8", "h264"});
    CHECK(add({"vp9", "vp8"}));
    CHECK(common() == Codecs{"vp8"});
    CHECK(remove({"vp8", "h264"}));
    CHECK(common() == Codecs{"vp9", "vp8"});
    CHECK(!add({"av1", "vp9", "vp8", "h264"}));
    CHECK(common() == Codecs{"vp9", "vp8"});
}

TEST_CASE_FIXTURE(Preferences, "the order is that of the summed places") {
    for (int i = 0; i < 2; ++i) add(three);
    for (int i = 0; i < 2; ++i) add({"vp9", "h264", "vp8"});
    REQUIRE(common().size() == 3);
    CHECK(common().front() == "vp9");
    // A tie: either order is right, and it stays the same one.
    CHECK(ranks().at("vp8").places == ranks().at("h264").places);
    add(three);
    CHECK(common() == three);
}

TEST_CASE_FIXTURE(Preferences, "a codec that is named twice counts once") {
    CHECK(add({"vp9", "vp8"}));
    CHECK(!add({"vp9", "vp8", "vp9"}));
    CHECK(common() == Codecs{"vp9", "vp8"});
    CHECK(ranks().at("vp9").lists == 2);
    CHECK(!remove({"vp9", "vp8", "vp9"}));
    CHECK(remove({"vp9", "vp8"}));
    CHECK(ranks().empty());
}

TEST_CASE_FIXTURE(Preferences, "who names nothing can do nothing together with anybody") {
    add(three);
    CHECK(add({}));
    CHECK(common().empty());
    CHECK(remove({}));
    CHECK(common() == three);
}

}  // namespace
}  // namespace jmeet::focus
