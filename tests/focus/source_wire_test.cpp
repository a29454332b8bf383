#include "focus/source_wire.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "focus/sources.hpp"
#include "tests/focus/source_samples.hpp"
#include "tests/talks/load.hpp"

using namespace jmeet::focus;
using namespace jmeet::focus::samples;
namespace xmpp = jmeet::xmpp;
using jmeet::talks::canonical_xml;
using jmeet::talks::load_payload;

namespace {

xmpp::Jingle recorded_jingle(const char* talk) {
    auto jingle = xmpp::parse_jingle(load_payload(talk));
    REQUIRE_MESSAGE(jingle.has_value(), talk);
    return *jingle;
}

EndpointSourceSet sources_of(const char* talk) {
    return sources_from_jingle(recorded_jingle(talk).contents);
}

}  // namespace

TEST_CASE("a recorded session-accept passes validation and becomes the recorded bridge update") {
    const EndpointSourceSet set = sources_of("session_accept");
    CHECK(set.sources.size() == 7);
    CHECK(set.groups.size() == 4);
    CHECK(set.has_audio());
    CHECK(set.has_video());
    ConferenceSources sources;
    const auto accepted = sources.try_add("14727d8e", set);
    REQUIRE_MESSAGE(accepted.has_value(), accepted.error().what);
    CHECK(*accepted == set);

    const auto update =
        xmpp::colibri2::parse_conference_modify(load_payload("colibri2_update"));
    REQUIRE(update.has_value());
    CHECK(media_sources("14727d8e", *accepted) == *update->endpoints.at(0).sources);
}

TEST_CASE("a recorded request for a second source is signalled as the recorded JSON") {
    const EndpointSourceSet set = sources_of("source_add_request");
    const ConferenceSourceMap map = ConferenceSourceMap("b9a08806", set).filtered({});
    const xmpp::Jingle recorded = recorded_jingle("source_add_json");
    const xmpp::Jingle mine = source_change(xmpp::JingleAction::source_add, recorded.sid, map,
                                            SourceEncoding::json);
    CHECK(mine.json_message == recorded.json_message);
    CHECK(canonical_xml(xmpp::write_jingle(mine)) ==
          canonical_xml(load_payload("source_add_json")));
}

TEST_CASE("a recorded XML source-add is written as Jicofo's") {
    const xmpp::Jingle recorded = recorded_jingle("source_add_xml");
    const ConferenceSourceMap map("3ae81370", sources_from_jingle(recorded.contents));
    const xmpp::Jingle mine =
        source_change(xmpp::JingleAction::source_add, recorded.sid, map, SourceEncoding::xml);
    CHECK(canonical_xml(xmpp::write_jingle(mine)) == canonical_xml(load_payload("source_add_xml")));
}

TEST_CASE("the offer to a third participant lists everybody's sources and the bridge's") {
    const auto recorded =
        jmeet::json::parse_object(recorded_jingle("session_initiate_third_json").json_message);
    REQUIRE(recorded.has_value());
    const auto mine = [] {
        ConferenceSourceMap map;
        for (const auto& [owner, ssrcs, tail] :
             {std::tuple{"8dff320f", std::array{2252643668U, 2510723931U, 1260663335U},
                         std::array{"4cb69cb1-90c6-41b1-a0c9-4eab0a0bc0b5-1",
                                    "05aefbaa-f0f1-412f-a7c5-7aa87170816c-1"}},
              {"0d8729db", std::array{1855094659U, 3065076205U, 2020211611U},
               std::array{"ef878f70-da1b-4264-ae0a-7e4413b5f820-1",
                          "f98d0f3c-920c-4108-b4d6-49e2fc507f42-1"}}}) {
            const std::string id = owner;
            const std::string video = id + "-video-0-1 " + tail[0];
            map.add(id, {.sources = {{ssrcs[0], MediaType::video, id + "-v0", video},
                                     {ssrcs[1], MediaType::video, id + "-v0", video},
                                     {ssrcs[2], MediaType::audio, id + "-a0",
                                      id + "-audio-0-1 " + tail[1]}},
                         .groups = {fid(ssrcs[0], ssrcs[1])}});
        }
        std::vector<xmpp::colibri2::MediaSource> feedback(2);
        feedback[0].type = "audio";
        feedback[0].id = "jvb-a0";
        feedback[0].sources.emplace_back().ssrc = 36554855;
        feedback[1].type = "video";
        feedback[1].id = "jvb-v0";
        feedback[1].sources.emplace_back().ssrc = 3616971482;
        map.add(kBridgeOwner, feedback_sources(feedback));
        return *jmeet::json::parse_object(compact_json(map));
    }();
    // Jicofo's owners come in no order; the members' values are compared.
    const auto* theirs = jmeet::json::get_object(*recorded, "sources");
    const auto* ours = jmeet::json::get_object(mine, "sources");
    REQUIRE(theirs);
    REQUIRE(ours);
    CHECK(ours->MemberCount() == 3);
    CHECK(*ours == *theirs);
}

TEST_CASE("compact JSON: what is written of a source, a group, a set") {
    EndpointSourceSet one;
    one.sources = {{1, MediaType::video, "test-name", "msid", SourceVideoType::camera}};
    CHECK(compact_json(one) == R"([[{"s":1,"n":"test-name","m":"msid"}],[],[]])");
    one.sources[0].video_type = SourceVideoType::desktop;
    CHECK(compact_json(one) == R"([[{"s":1,"n":"test-name","m":"msid","v":"d"}],[],[]])");
    CHECK(compact_json(set({a(1)})) == R"([[],[],[{"s":1}]])");
    CHECK(compact_json(set({}, {sim({1, 2, 3}), fid(1, 4)})) ==
          R"([[],[["s",1,2,3],["f",1,4]],[]])");
    EndpointSourceSet audio_group = set({a(1), a(2)});
    audio_group.groups = {{GroupSemantics::fid, {1, 2}, MediaType::audio}};
    CHECK(compact_json(audio_group) == R"([[],[],[{"s":1},{"s":2}],[["f",1,2]]])");
    CHECK(compact_json(set({a(4294967295U)})) == R"([[],[],[{"s":4294967295}]])");
}

TEST_CASE("compact JSON: names are escaped, owners are keys") {
    ConferenceSourceMap map("dadadada", set({a(1, "quote\" back\\")}));
    map.add("jvb", set({a(2)}));
    map.add("bebebebe", set({a(3)}));
    CHECK(compact_json(map) ==
          R"({"sources":{"bebebebe":[[],[],[{"s":3}]],)"
          R"("dadadada":[[],[],[{"s":1,"m":"quote\" back\\"}]],"jvb":[[],[],[{"s":2}]]}})");
}

TEST_CASE("media sources for a bridge: one per name, defaults without one, no msid") {
    EndpointSourceSet all = x();
    const auto unnamed = media_sources("e", all);
    REQUIRE(unnamed.size() == 2);
    CHECK(unnamed[0].id == "e-v0");
    CHECK(unnamed[0].type == "video");
    CHECK(unnamed[0].sources.size() == 6);
    CHECK(unnamed[0].groups.size() == 4);
    CHECK(unnamed[1].id == "e-a0");
    for (const auto& source : unnamed[0].sources) CHECK(source.msid.empty());

    Source screen = v(20, "other");
    screen.name = "e-v1";
    screen.video_type = SourceVideoType::desktop;
    all.sources.push_back(screen);
    const auto named = media_sources("e", all);
    REQUIRE(named.size() == 3);
    CHECK(named[2].id == "e-v1");
    CHECK(named[2].sources.at(0).video_type == "desktop");
    CHECK(media_sources("e", {}).empty());
}

TEST_CASE("feedback sources get the msids that clients look for") {
    const auto answer =
        xmpp::colibri2::parse_conference_modified(load_payload("colibri2_created"));
    REQUIRE(answer.has_value());
    const ConferenceSourceMap map(kBridgeOwner, feedback_sources(*answer->sources));
    CHECK(compact_json(map) == recorded_jingle("session_initiate").json_message);
}
