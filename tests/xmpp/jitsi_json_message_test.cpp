#include "xmpp/jitsi_json_message.hpp"

#include <doctest/doctest.h>

#include "tests/talks/load.hpp"

using namespace jmeet::xmpp;
using jmeet::talks::load;

TEST_CASE("a recorded room metadata message") {
    const Element message = load("room_metadata");
    const Element* json = find_json_message(message);
    REQUIRE(json);
    CHECK(json->get("room") == "roomctbg65@muc.meet.test");
    const auto metadata = parse_room_metadata(json->text());
    REQUIRE(metadata.has_value());
    CHECK(*metadata == RoomMetadata{.start_muted = {},
                                    .visitors_live = {},
                                    .visitors_enabled = {},
                                    .participants_soft_limit = {},
                                    .moderators = {},
                                    .participants = {}});
}

TEST_CASE("room metadata: everything the focus reads") {
    const auto m = parse_room_metadata(
        R"({"metadata":{"startMuted":{"audio":true},"lobbyEnabled":true,"visitors":{"live":true},
            "visitorsEnabled":false,"participantsSoftLimit":30,"moderators":["u1","u2"],
            "participants":["u3"],"recording":{"isTranscribingEnabled":true},
            "asyncTranscription":true,"unknown":{"x":[1]}},"type":"room_metadata"}})");
    REQUIRE_MESSAGE(m.has_value(), m.error().what);
    REQUIRE(m->start_muted);
    CHECK(m->start_muted->audio == true);
    CHECK_FALSE(m->start_muted->video);
    CHECK(m->lobby_enabled);
    CHECK(m->visitors_live == true);
    CHECK(m->visitors_enabled == false);
    CHECK(m->participants_soft_limit == 30);
    CHECK(m->moderators == std::vector<std::string>{"u1", "u2"});
    CHECK(m->participants == std::vector<std::string>{"u3"});
    CHECK(m->server_side_transcription());
}

TEST_CASE("room metadata that is refused") {
    for (const char* text :
         {"not json", "{", "[]", R"({"metadata":{}})", R"({"type":"av_moderation"})",
          R"({"type":"room_metadata","metadata":{"a":1,"a":2}})"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_room_metadata(text).has_value());
    }
    const auto open = parse_room_metadata(R"({"type":"room_metadata"})");
    REQUIRE(open.has_value());
    CHECK_FALSE(open->participants);
    CHECK_FALSE(open->visitors_live);
}

TEST_CASE("recorded A/V moderation: switched on, then the whitelist") {
    const Element on_message = load("av_moderation_on");
    const auto on = parse_av_moderation(find_json_message(on_message)->text());
    REQUIRE(on.has_value());
    CHECK(on->room == "roomctbg65@muc.meet.test");
    CHECK(on->enabled == true);
    CHECK(on->media == MuteMedia::audio);
    CHECK(on->actor == "roomctbg65@muc.meet.test/b664cfd3");
    CHECK(on->whitelists.empty());

    const Element list_message = load("av_moderation_whitelist");
    const auto list = parse_av_moderation(find_json_message(list_message)->text());
    REQUIRE(list.has_value());
    CHECK_FALSE(list->enabled);
    REQUIRE(list->whitelists.size() == 1);
    CHECK(list->whitelists[0].first == MuteMedia::audio);
    CHECK(list->whitelists[0].second ==
          std::vector<std::string>{"roomctbg65@muc.meet.test/b664cfd3"});
}

TEST_CASE("A/V moderation media types in any case, unknown ones refuse the message") {
    const auto media = [](const std::string& name) {
        return parse_av_moderation(R"({"type":"av_moderation","room":"r@c","enabled":true,)"
                                   R"("mediaType":")" +
                                   name + "\"}");
    };
    CHECK(media("AUDIO")->media == MuteMedia::audio);
    CHECK(media("video")->media == MuteMedia::video);
    CHECK(media("vIdEo")->media == MuteMedia::video);
    CHECK(media("desktop")->media == MuteMedia::desktop);
    CHECK_FALSE(media("INVALID_TYPE").has_value());
    CHECK_FALSE(parse_av_moderation(
        R"({"type":"av_moderation","room":"r@c","whitelists":{"smell":[]}})").has_value());
    const auto both = parse_av_moderation(
        R"({"type":"av_moderation","room":"r@c","whitelists":{"AUDIO":["a",5],"video":[]}})");
    REQUIRE(both.has_value());
    REQUIRE(both->whitelists.size() == 2);
    CHECK(both->whitelists[0].second == std::vector<std::string>{"a"});
    CHECK_FALSE(both->enabled);
}
