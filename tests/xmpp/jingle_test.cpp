#include "xmpp/jingle.hpp"

#include <doctest/doctest.h>

#include "tests/talks/load.hpp"

using namespace jmeet::xmpp;
using jmeet::talks::canonical_xml;
using jmeet::talks::load_payload;

namespace {

Jingle read(const Element& element) {
    auto jingle = parse_jingle(element);
    REQUIRE_MESSAGE(jingle.has_value(), jingle.error().what);
    return *jingle;
}

Element jingle(const std::string& inner, const std::string& action = "source-add") {
    return jmeet::talks::parse("<jingle xmlns='urn:xmpp:jingle:1' sid='s1' action='" + action +
                               "'>" + inner + "</jingle>");
}

std::string refusal(const std::string& description_inner, const std::string& media = "video") {
    const auto result = parse_jingle(jingle(
        "<content name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='" + media +
        "'>" + description_inner + "</description></content>"));
    return result ? std::string{} : result.error().what;
}

}  // namespace

TEST_CASE("a recorded session-initiate is written as it was read") {
    for (const char* name : {"session_initiate", "session_initiate_sctp",
                             "session_terminate_expired", "source_add_json"}) {
        CAPTURE(name);
        const Element element = load_payload(name);
        CHECK(canonical_xml(write_jingle(read(element))) == canonical_xml(element));
    }
}

TEST_CASE("a recorded session-initiate says what is offered") {
    const Jingle offer = read(load_payload("session_initiate_sctp"));
    CHECK(offer.action == JingleAction::session_initiate);
    REQUIRE(offer.contents.size() == 3);
    CHECK(offer.bundle == std::vector<std::string>{"audio", "video", "data"});
    CHECK(offer.contents[0].maxptime == 60U);
    CHECK(offer.contents[0].rtcp_mux);
    CHECK(offer.contents[2].media() == "application");
    CHECK_FALSE(offer.contents[1].transport->sctp_map);
    REQUIRE(offer.contents[2].transport->sctp_map);
    CHECK(*offer.contents[2].transport->sctp_map == SctpMap{});
    REQUIRE(offer.bridge_session);
    CHECK(offer.bridge_session->region == "region1");
    CHECK(offer.json_message.starts_with("{\"sources\":{\"jvb\":"));
}

TEST_CASE("a recorded session-accept gives sources, groups and transport") {
    const Jingle answer = read(load_payload("session_accept"));
    CHECK(answer.action == JingleAction::session_accept);
    CHECK(answer.sid == "1f73gal4nikce");
    CHECK(answer.responder == "14727d8e-3f6f-4753-8c15-a51e5cd326a3@meet.test/PhSo4Y9T4LOv");
    // The group names "data", which is not in the answer.
    CHECK(answer.bundle.size() == 3);
    REQUIRE(answer.contents.size() == 2);
    const JingleContent& video = answer.contents[1];
    REQUIRE(video.sources.size() == 6);
    CHECK(video.sources[0] ==
          Source{.ssrc = 885480682,
                 .name = "14727d8e-v0",
                 .video_type = "camera",
                 .msid = "14727d8e-video-0-1 0e84ded5-172c-42e8-8a1f-18e5cbc5ede0-1",
                 .owner = {}});
    REQUIRE(video.groups.size() == 4);
    CHECK(video.groups[1] == SsrcGroup{"SIM", {885480682, 3258153077, 2764255268}});
    REQUIRE(video.transport);
    CHECK(video.transport->ufrag == "9NmK");
    CHECK(video.transport->pwd.size() == 24);
    CHECK(video.transport->candidates.empty());
    CHECK_FALSE(video.transport->rtcp_mux);
    CHECK(video.transport->fingerprints.at(0).setup == "active");
}

TEST_CASE("XML sources for a client carry their owner, which is not read back") {
    const Element element = load_payload("source_add_xml");
    Jingle change = read(element);
    REQUIRE(change.contents.size() == 2);
    for (auto& content : change.contents) {
        for (auto& source : content.sources) {
            CHECK(source.owner.empty());
            source.owner = "3ae81370";
        }
    }
    CHECK(canonical_xml(write_jingle(change)) == canonical_xml(element));
}

TEST_CASE("a client's restart request names the bridge session") {
    const Jingle terminate = read(load_payload("session_terminate_restart"));
    CHECK(terminate.action == JingleAction::session_terminate);
    CHECK(terminate.reason == JingleReason{"success", "restart required"});
    CHECK(terminate.bridge_session ==
          BridgeSession{"2e9f99e6-85f1-409a-8e17-8a50831983ad", "", true, false});
}

TEST_CASE("actions: synonyms, unsupported and missing ones") {
    const auto action = [](const char* name) {
        return read_jingle_head(jingle("", name)).action;
    };
    CHECK(action("addsource") == JingleAction::source_add);
    CHECK(action("removesource") == JingleAction::source_remove);
    CHECK(action("source-remove") == JingleAction::source_remove);
    CHECK(action("content-modify") == JingleAction::unsupported);
    CHECK(action("description-info") == JingleAction::unsupported);
    CHECK(action("dance") == JingleAction::missing);
    CHECK(read_jingle_head(jmeet::talks::parse("<jingle xmlns='urn:xmpp:jingle:1'/>")).action ==
          JingleAction::missing);
    CHECK(to_string(JingleAction::source_add) == "source-add");
    CHECK(to_string(JingleAction::missing).empty());
}

TEST_CASE("session-info: ICE state in any case, ICE restart") {
    const Jingle failed = read(jingle(
        "<ice-state xmlns='http://jitsi.org/protocol/focus'> FAILED\n</ice-state>"
        "<bridge-session xmlns='http://jitsi.org/protocol/focus' id='b1'/>",
        "session-info"));
    CHECK(failed.ice_state == "failed");
    CHECK(failed.bridge_session == BridgeSession{"b1", "", false, false});
    const Jingle restart = read(jingle("<bridge-session "
                                       "xmlns='http://jitsi.org/protocol/focus' id='b1' "
                                       "ice-restart='TRUE'/>",
                                       "session-info"));
    CHECK(restart.bridge_session->ice_restart);
    CHECK_FALSE(restart.bridge_session->restart);
}

TEST_CASE("sources directly under a content count, groups there do not") {
    const Jingle add = read(jingle(
        "<content name='audio'>"
        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='1'/>"
        "<ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='weird'/>"
        "</content>"));
    REQUIRE(add.contents.size() == 1);
    CHECK(add.contents[0].media() == "audio");
    CHECK(add.contents[0].sources.size() == 1);
    CHECK(add.contents[0].groups.empty());
}

TEST_CASE("msid parameters are read in both namespaces, the first one counts") {
    const Jingle add = read(jingle(
        "<content name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>"
        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='1' videoType='DESKTOP'>"
        "<parameter name='cname' value='c'/>"
        "<parameter xmlns='urn:xmpp:jingle:apps:rtp:1' name='msid' value='first'/>"
        "<parameter name='msid' value='second'/></source>"
        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' rid='h'/>"
        "<ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='sIM'>"
        "<source ssrc='1'/></ssrc-group>"
        "</description></content>"));
    const JingleContent& video = add.contents.at(0);
    REQUIRE(video.sources.size() == 1);
    CHECK(video.sources[0].msid == "first");
    CHECK(video.sources[0].video_type == "desktop");
    CHECK(video.groups.at(0).semantics == "SIM");
}

TEST_CASE("what makes a Jingle payload unreadable is said in words") {
    const std::string ns = " xmlns='urn:xmpp:jingle:apps:rtp:ssma:0'";
    CHECK(refusal("<source" + ns + " ssrc='-1'/>") == "Invalid SSRC: -1.");
    CHECK(refusal("<source" + ns + " ssrc='4294967296'/>") == "Invalid SSRC: 4294967296.");
    CHECK(refusal("<source" + ns + " ssrc='5' videoType='hologram'/>") ==
          "unknown videoType: hologram");
    CHECK(refusal("<ssrc-group" + ns + " semantics='invalid'><source ssrc='1'/></ssrc-group>") ==
          "unknown ssrc-group semantics: invalid");
    CHECK(refusal("<source" + ns + " ssrc='5'/>", "smell") == "unknown media type: smell");
    CHECK(refusal("<source" + ns + " ssrc='5'/>").empty());
    CHECK(refusal("", "application").empty());
}

TEST_CASE("transports: candidates no agent can use are dropped, ICE generation is kept") {
    const Jingle info = read(jingle(
        "<content name='application'><transport "
        "xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='u' pwd='p' ice-generation='2'>"
        "<candidate component='1' foundation='1' generation='0' id='a' network='0' "
        "priority='1' protocol='udp' type='srflx' ip='192.0.2.1' port='9' rel-addr='10.0.0.1' "
        "rel-port='10'/>"
        "<candidate component='1' foundation='1' id='no-generation' priority='1' ip='192.0.2.1' "
        "port='9'/>"
        "<candidate generation='0' priority='1' ip='192.0.2.1' port='99999'/>"
        "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0'>no hash</fingerprint>"
        "</transport></content>",
        "transport-info"));
    const IceUdpTransport& transport = *info.contents.at(0).transport;
    CHECK(transport.ice_generation == 2U);
    REQUIRE(transport.candidates.size() == 1);
    CHECK(transport.candidates[0].rel_addr == "10.0.0.1");
    CHECK(transport.candidates[0].rel_port == 10);
    CHECK(transport.fingerprints.empty());
}

TEST_CASE("initial-last-n stands in the video description") {
    const Jingle accept = read(jingle(
        "<content name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>"
        "<initial-last-n xmlns='jitsi:colibri2' value='20'/></description></content>",
        "session-accept"));
    CHECK(accept.contents.at(0).initial_last_n == 20);
}

TEST_CASE("session ids are base 32 of 64 bits") {
    CHECK(make_sid(0) == "0");
    CHECK(make_sid(31) == "v");
    CHECK(make_sid(32) == "10");
    CHECK(make_sid(0xffffffffffffffffULL) == "fvvvvvvvvvvvv");
}

TEST_CASE("sources without a description are written where they were read") {
    const Element element = jingle(
        "<content name='audio'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='1'/>"
        "</content>");
    CHECK(canonical_xml(write_jingle(read(element))) == canonical_xml(element));
}

TEST_CASE("more sources or contents than anybody sends are refused") {
    std::string sources;
    for (int i = 1; i <= 201; ++i) {
        sources += "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='" + std::to_string(i) +
                   "'/>";
    }
    CHECK(refusal(sources) == "too many sources");
    std::string contents;
    for (int i = 0; i < 25; ++i) contents += "<content name='audio'/>";
    const auto result = parse_jingle(jingle(contents));
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().what == "too many contents");
}
