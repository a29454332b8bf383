#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/talks/load.hpp"
#include "xmpp/jitsi_conference.hpp"
#include "xmpp/jitsi_control.hpp"
#include "xmpp/jitsi_mute.hpp"
#include "xmpp/jitsi_presence.hpp"
#include "xmpp/jitsi_source_info.hpp"
#include "xmpp/jitsi_stats.hpp"

using namespace jmeet::xmpp;
using jmeet::talks::canonical_xml;
using jmeet::talks::load;
using jmeet::talks::load_payload;
using jmeet::talks::parse;

TEST_CASE("a recorded conference request is read") {
    const auto iq = parse_conference(load_payload("conference_request"));
    REQUIRE(iq.has_value());
    CHECK(iq->room.to_string() == "roomctbg65@muc.meet.test");
    CHECK(iq->machine_uid == "71dbf65e1069415fadbc28b913c49670");
    CHECK(iq->property("visitors-version") == "1");
    CHECK_FALSE(iq->property_bool("rtcstatsEnabled", true));
    CHECK(iq->property_bool("absent", true));
    CHECK_FALSE(iq->ready);
}

TEST_CASE("a recorded conference answer is written as it was read") {
    const Element element = load_payload("conference_answer");
    const auto iq = parse_conference(element);
    REQUIRE(iq.has_value());
    CHECK(iq->ready == true);
    CHECK(iq->focus_jid == "focus@auth.meet.test");
    CHECK(canonical_xml(write_conference(*iq)) == canonical_xml(element));
}

TEST_CASE("a conference request without a room, or with an impossible one, is a bad request") {
    const auto refusal = [](const std::string& room) {
        const auto iq = parse_conference(parse(
            "<conference xmlns='http://jitsi.org/protocol/focus'" + room + "/>"));
        return iq ? std::string{} : iq.error().what;
    };
    CHECK(refusal("") == "No 'room' specified.");
    CHECK(refusal(" room=''") == "No 'room' specified.");
    CHECK(refusal(" room='a@b@c.example'") == "Invalid 'room'.");
    CHECK(refusal(" room='c.example'") == "Invalid 'room'.");
    CHECK(refusal(" room='a@c.example/nick'") == "Invalid 'room'.");
    CHECK(refusal(" room='a@c.example'").empty());
}

TEST_CASE("start-muted thresholds are integers or nothing") {
    ConferenceIq iq;
    iq.set_property("startAudioMuted", "10");
    iq.set_property("startVideoMuted", " ");
    CHECK(iq.property_int("startAudioMuted") == 10);
    CHECK_FALSE(iq.property_int("startVideoMuted"));
    CHECK_FALSE(iq.property_int("other"));
    iq.set_property("startAudioMuted", "ten");
    CHECK_FALSE(iq.property_int("startAudioMuted"));
    CHECK(iq.properties.size() == 2);
}

TEST_CASE("conference requests as JSON") {
    ConferenceIq iq;
    iq.room = *Jid::parse("r@example.com");
    CHECK(write_conference_json(iq) == R"({"room":"r@example.com"})");
    iq.ready = false;
    CHECK(write_conference_json(iq) == R"({"room":"r@example.com","ready":false})");

    iq = {.room = *Jid::parse("r@example.com"),
          .machine_uid = "m",
          .session_id = "s",
          .identity = "u@example.com",
          .token = {},
          .ready = true,
          .focus_jid = "focus@auth.example.com",
          .vnode = "v1",
          .properties = {{"authentication", "false"}, {"a", "1"}}};
    const auto back = parse_conference_json(write_conference_json(iq));
    REQUIRE(back.has_value());
    CHECK(*back == iq);
    CHECK(*parse_conference(write_conference(*back)) == iq);

    const auto loose = parse_conference_json(
        R"({"room":"r@example.com","new":{},)"
        R"("properties":{"visitors-version":1,"rtcstatsEnabled":false}})");
    REQUIRE(loose.has_value());
    CHECK(loose->property("visitors-version") == "1");
    CHECK(loose->property("rtcstatsEnabled") == "false");
    CHECK_FALSE(parse_conference_json("{}").has_value());
    CHECK_FALSE(parse_conference_json("[]").has_value());
    CHECK_FALSE(parse_conference_json(R"({"room":"not a jid"})").has_value());
}

TEST_CASE("login and logout IQs") {
    const LoginUrl url = parse_login_url(parse(
        "<login-url xmlns='http://jitsi.org/protocol/focus' room='r@c' machine-uid='m' "
        "popup='true'/>"));
    CHECK(url == LoginUrl{"r@c", "m", true, ""});
    CHECK(write_login_url({"", "", false, "./r?login=true"}).get("url") == "./r?login=true");
    CHECK(parse_logout(parse("<logout xmlns='http://jitsi.org/protocol/focus' session-id='x'/>"))
              .session_id == "x");
    CHECK(write_logout({}).to_xml() == "<logout xmlns='http://jitsi.org/protocol/focus'/>");
    CHECK(session_invalid().is("session-invalid", "http://jitsi.org/protocol/focus"));
}

TEST_CASE("mute requests and notices") {
    const auto request = parse_mute(load_payload("mute_request"));
    REQUIRE(request);
    CHECK(*request == Mute{MuteMedia::audio, "roomctbg65@muc.meet.test/14727d8e", "", true});
    const Element notice = load_payload("mute_notice");
    const auto read = parse_mute(notice);
    REQUIRE(read);
    CHECK(read->actor == "roomctbg65@muc.meet.test/b664cfd3");
    CHECK(canonical_xml(write_mute(*read)) == canonical_xml(notice));

    CHECK(parse_mute(parse("<mute xmlns='http://jitsi.org/jitmeet/video' jid='x'>FALSE</mute>")) ==
          Mute{MuteMedia::video, "x", "", false});
    CHECK(parse_mute(parse("<mute xmlns='http://jitsi.org/jitmeet/desktop'/>")) ==
          Mute{MuteMedia::desktop, "", "", std::nullopt});
    CHECK_FALSE(parse_mute(parse("<mute xmlns='http://jitsi.org/jitmeet/smell'>true</mute>")));
    CHECK(write_mute({MuteMedia::video, "", "", true}).to_xml() ==
          "<mute xmlns='http://jitsi.org/jitmeet/video'>true</mute>");
}

TEST_CASE("a recorded member presence is read") {
    const MemberPresence member = parse_member_presence(load("member_presence_sending"));
    REQUIRE(member.caps);
    CHECK(member.caps->ver == "+mpajJhafj8jFogLBKsPbQfMgzU=");
    CHECK(member.stats_id == "Felicita-7LN");
    CHECK_FALSE(member.region);
    CHECK(member.codecs == std::vector<std::string>{"av1", "vp9", "vp8", "h264"});
    REQUIRE(member.source_info);
    const auto sources = parse_source_info(*member.source_info);
    REQUIRE(sources);
    CHECK_FALSE(is_muted(*sources, SourceMedia::audio));
    CHECK_FALSE(is_muted(*sources, SourceMedia::video));
}

TEST_CASE("a first presence without extensions") {
    const MemberPresence member = parse_member_presence(parse("<presence/>"));
    CHECK(member == MemberPresence{.caps = {},
                                   .source_info = {},
                                   .region = {},
                                   .stats_id = {},
                                   .codecs = {"vp8"},
                                   .features = {},
                                   .status = {}});
    CHECK(member.audio_muted);
    CHECK(member.video_muted);
}

TEST_CASE("presence extensions that the focus reads") {
    const MemberPresence member = parse_member_presence(parse(
        "<presence><jitsi_participant_region>eu</jitsi_participant_region>"
        "<audiomuted>false</audiomuted><videomuted>tRuE</videomuted>"
        "<jitsi_participant_diarize>True</jitsi_participant_diarize>"
        "<features><feature var='http://jitsi.org/protocol/jibri'/></features>"
        "<status>switch_room</status></presence>"));
    CHECK(member.region == "eu");
    CHECK_FALSE(member.audio_muted);
    CHECK(member.video_muted);
    CHECK(member.diarize);
    CHECK(member.features == std::vector<std::string>{kFeatureJibri});
    CHECK(member.status == "switch_room");
}

TEST_CASE("codecs: list, legacy type, vp8 added when missing") {
    const auto codecs = [](const std::string& inner) {
        return parse_member_presence(parse("<presence>" + inner + "</presence>")).codecs;
    };
    using List = std::vector<std::string>;
    const std::string list = "jitsi_participant_codecList";
    CHECK(codecs("<" + list + ">AV1,vp9,vp8</" + list + ">") == List{"av1", "vp9", "vp8"});
    CHECK(codecs("<" + list + ">h264</" + list + ">") == List{"h264", "vp8"});
    CHECK(codecs("<jitsi_participant_codecType>h264</jitsi_participant_codecType>") ==
          List{"h264", "vp8"});
    CHECK(codecs("<" + list + ">,,</" + list + ">") == List{"vp8"});
}

TEST_CASE("the focus' presence is written as Jicofo's") {
    const Element recorded = load("focus_presence");
    const FocusPresence focus = parse_focus_presence(recorded);
    CHECK(focus.shared_document == "roomctbg65");
    CHECK(focus.version == "1.1.SNAPSHOT");
    REQUIRE(focus.properties.size() == 2);
    CHECK(focus.properties[1].second == "1");

    Element mine("presence", "jabber:client");
    for (Element& extension : write_focus_presence(focus)) mine.add(std::move(extension));
    for (const auto& [name, ns] : {std::pair{"etherpad", "http://jitsi.org/jitmeet/etherpad"},
                                   {"versions", "http://jitsi.org/jitmeet"},
                                   {"conference-properties", "http://jitsi.org/protocol/focus"}}) {
        REQUIRE(recorded.child(name, ns));
        REQUIRE(mine.child(name, ns));
        CHECK(canonical_xml(*mine.child(name, ns)) == canonical_xml(*recorded.child(name, ns)));
    }
    CHECK_FALSE(mine.child("bridgeNotAvailable"));
    FocusPresence failing = focus;
    failing.bridge_not_available = true;
    CHECK(write_focus_presence(failing).back().is("bridgeNotAvailable",
                                                  "http://jitsi.org/protocol/focus"));
}

TEST_CASE("a conference property counts as changed only when its value changes") {
    FocusPresence focus;
    CHECK(focus.set_property("bridge-count", "1"));
    CHECK_FALSE(focus.set_property("bridge-count", "1"));
    CHECK(focus.set_property("bridge-count", "0"));
    CHECK(focus.properties.size() == 1);
}

TEST_CASE("SourceInfo: the table of what is read and what is ignored") {
    for (const char* text :
         {"", "{", "[]", R"({"a":{"videoType":5}})", R"({"a":{"videoType":"x"}})", R"({"a":5})",
          "invalid json"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_source_info(text));
    }
    const auto one = [](const char* text) {
        const auto sources = parse_source_info(text);
        REQUIRE(sources);
        REQUIRE(sources->size() == 1);
        return sources->front();
    };
    CHECK(parse_source_info("{}")->empty());
    CHECK(one(R"({"3b-a0":{"muted":false}})") ==
          SourceInfo{"3b-a0", false, "", SourceMedia::audio});
    CHECK(one(R"({"3b-v0":{}})") == SourceInfo{"3b-v0", true, "", SourceMedia::video});
    CHECK(one(R"({"3b-v1":{"muted":true,"videoType":"desktop"}})") ==
          SourceInfo{"3b-v1", true, "desktop", SourceMedia::video});
    CHECK(one(R"({"3b-v3":{"mediaType":"audio"}})").media == SourceMedia::audio);
    CHECK(one(R"({"abc-d0":{}})").media == SourceMedia::unknown);
    CHECK(one(R"({"abc0":{}})").media == SourceMedia::unknown);
    CHECK(one(R"({"abc0":{"mediaType":"VIDEO"}})").media == SourceMedia::video);
}

TEST_CASE("muted means that no source of that media is unmuted") {
    const auto sources = *parse_source_info(R"({"a-a0":{"muted":true},"a-v0":{"muted":false}})");
    CHECK(is_muted(sources, SourceMedia::audio));
    CHECK_FALSE(is_muted(sources, SourceMedia::video));
    CHECK(is_muted({}, SourceMedia::video));
}

TEST_CASE("recorded bridge statistics are read and written back") {
    const Element presence = load("brewery_presence");
    const auto stats = parse_bridge_stats(presence);
    REQUIRE(stats);
    CHECK(stats->all().size() == 82);
    CHECK(stats->find_bool("healthy") == true);
    CHECK(stats->find_double("average_participant_stress") == 0.01);
    CHECK(stats->find("region") == "region1");
    CHECK_FALSE(stats->find("nothing"));
    const Element* element = presence.child("stats");
    REQUIRE(element);
    CHECK(canonical_xml(write_bridge_stats(*stats)) == canonical_xml(*element));
    CHECK_FALSE(parse_bridge_stats(parse("<presence/>")));
}

TEST_CASE("statistics: numbers, booleans, duplicates") {
    BridgeStats stats;
    for (const auto& [name, value] :
         {std::pair{"a", "5"}, {"b", "5.0"}, {"c", "1.0E-4"}, {"d", "five"}, {"e", "NaN"},
          {"f", "TRUE"}, {"g", "yes"}, {"a", "6"}}) {
        stats.add(name, value);
    }
    CHECK(stats.find_double("a") == 5.0);
    CHECK(stats.find_double("b") == 5.0);
    CHECK(stats.find_double("c") == 0.0001);
    CHECK_FALSE(stats.find_double("d"));
    CHECK_FALSE(stats.find_double("e"));
    CHECK_FALSE(stats.find_double("missing"));
    CHECK(stats.find_bool("f") == true);
    CHECK(stats.find_bool("g") == false);
    CHECK_FALSE(stats.find_bool("missing"));
    stats.add("", "x");
    stats.add("empty", "");
    stats.add("drain", true);
    CHECK(write_bridge_stats(stats).children().size() == 9);
}

TEST_CASE("numbers are printed as Java prints them") {
    CHECK(java_double(0) == "0.0");
    CHECK(java_double(0.12) == "0.12");
    CHECK(java_double(5) == "5.0");
    CHECK(java_double(-2.5) == "-2.5");
    CHECK(java_double(0.001) == "0.001");
    CHECK(java_double(0.0001) == "1.0E-4");
    CHECK(java_double(0.00012) == "1.2E-4");
    CHECK(java_double(1234567) == "1234567.0");
    CHECK(java_double(1e7) == "1.0E7");
    CHECK(java_double(123456789.5) == "1.234567895E8");
    CHECK(java_double(4.2613045) == "4.2613045");
    CHECK(java_double(std::nan("")) == "NaN");
    CHECK(java_double(std::numeric_limits<double>::infinity()) == "Infinity");
}

TEST_CASE("health checks and shutdown requests") {
    CHECK(health_check().to_xml() ==
          "<healthcheck xmlns='http://jitsi.org/protocol/healthcheck'/>");
    CHECK(is_health_check(health_check()));
    CHECK_FALSE(is_health_check(Element("healthcheck", "urn:xmpp:ping")));
    for (const ShutdownKind kind : {ShutdownKind::graceful, ShutdownKind::force}) {
        CHECK(parse_shutdown(write_shutdown(kind)) == kind);
    }
    CHECK(write_shutdown(ShutdownKind::force).name() == "force-shutdown");
    CHECK_FALSE(parse_shutdown(Element("stats", "http://jitsi.org/protocol/colibri")));
}
