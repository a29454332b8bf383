#include "xmpp/colibri2.hpp"

#include <doctest/doctest.h>

#include "tests/talks/load.hpp"
#include "xmpp/stanza_error.hpp"

namespace c2 = jmeet::xmpp::colibri2;
using jmeet::talks::canonical_xml;
using jmeet::talks::load_payload;
using jmeet::talks::parse;

namespace {

const std::string kHead = "<conference-modify xmlns='jitsi:colibri2' meeting-id='m1'>";
const std::string kTail = "</conference-modify>";

bool is_refused(const std::string& inner) {
    return !c2::parse_conference_modify(parse(kHead + inner + kTail)).has_value();
}

c2::ConferenceModify read(const std::string& inner) {
    auto request = c2::parse_conference_modify(parse(kHead + inner + kTail));
    REQUIRE_MESSAGE(request.has_value(), request.error().what);
    return *request;
}

}  // namespace

TEST_CASE("a recorded conference create is read whole") {
    const auto request = c2::parse_conference_modify(load_payload("colibri2_create"));
    REQUIRE(request.has_value());
    CHECK(request->meeting_id == "82e090b1-1cbb-4e01-9ea8-a3ead927757a");
    CHECK(request->name == "roomctbg65@muc.meet.test");
    CHECK(request->create);
    CHECK_FALSE(request->rtcstats_enabled);
    REQUIRE(request->endpoints.size() == 1);
    const c2::Endpoint& endpoint = request->endpoints[0];
    CHECK(endpoint.id == "14727d8e");
    CHECK(endpoint.create);
    CHECK(endpoint.stats_id == "Felicita-7LN");
    REQUIRE(endpoint.media.size() == 2);
    CHECK(endpoint.media[0].payload_types.size() == 2);
    CHECK(endpoint.media[1].payload_types.size() == 8);
    CHECK(endpoint.media[1].payload_types[4].parameters[0].value == "41");
    CHECK(endpoint.media[1].header_extensions.size() == 4);
    CHECK(endpoint.media[1].extmap_allow_mixed);
    REQUIRE(endpoint.transport);
    CHECK(endpoint.transport->ice_controlling);
    CHECK_FALSE(endpoint.transport->sctp);
    REQUIRE(endpoint.sources);
    CHECK(endpoint.sources->empty());
    CHECK(endpoint.capabilities == std::vector<std::string>{"source-names", "ssrc-rewriting"});
}

TEST_CASE("recorded requests and answers are written as they were read") {
    for (const char* name :
         {"colibri2_create", "colibri2_create_second", "colibri2_relay_create"}) {
        CAPTURE(name);
        const auto element = load_payload(name);
        const auto request = c2::parse_conference_modify(element);
        REQUIRE(request.has_value());
        CHECK(canonical_xml(c2::write(*request)) == canonical_xml(element));
    }
    for (const char* name : {"colibri2_created", "colibri2_created_sctp", "colibri2_updated"}) {
        CAPTURE(name);
        const auto element = load_payload(name);
        const auto answer = c2::parse_conference_modified(element);
        REQUIRE(answer.has_value());
        CHECK(canonical_xml(c2::write(*answer)) == canonical_xml(element));
    }
    // Jicofo adds rtcp-mux at the end of a client's transport; the order means nothing.
    const auto update = c2::parse_conference_modify(load_payload("colibri2_update"));
    REQUIRE(update.has_value());
    CHECK(*c2::parse_conference_modify(c2::write(*update)) == *update);
    CHECK(update->endpoints.at(0).sources->at(1).groups.size() == 4);
}

TEST_CASE("a recorded answer gives transport and feedback sources") {
    const auto answer = c2::parse_conference_modified(load_payload("colibri2_created_sctp"));
    REQUIRE(answer.has_value());
    REQUIRE(answer->endpoints.size() == 1);
    REQUIRE(answer->endpoints[0].transport);
    const c2::Transport& transport = *answer->endpoints[0].transport;
    REQUIRE(transport.ice);
    CHECK(transport.ice->rtcp_mux);
    CHECK(transport.ice->fingerprints.size() == 1);
    CHECK(transport.ice->fingerprints[0].setup == "actpass");
    CHECK(transport.ice->web_sockets.size() == 1);
    REQUIRE(transport.ice->candidates.size() == 1);
    CHECK(transport.ice->candidates[0].port == 10'000);
    CHECK(transport.ice->candidates[0].priority == 2'130'706'431U);
    REQUIRE(transport.sctp);
    CHECK(transport.sctp->port == 5000);
    CHECK(transport.sctp->role == "server");
    REQUIRE(answer->sources);
    REQUIRE(answer->sources->size() == 2);
    CHECK((*answer->sources)[0].id == "jvb-a0");
    CHECK((*answer->sources)[0].sources[0].name == "jvb-a0");
    CHECK((*answer->sources)[1].type == "video");
}

TEST_CASE("what the stock parser refuses is refused") {
    for (const char* meeting_id : {"", " meeting-id=''", " meeting-id=' '"}) {
        const auto element =
            parse("<conference-modify xmlns='jitsi:colibri2'" + std::string(meeting_id) + "/>");
        CHECK_FALSE(c2::parse_conference_modify(element).has_value());
    }
    CHECK(is_refused("<endpoint/>"));
    CHECK(is_refused("<relay/>"));
    CHECK(is_refused("<endpoint id='a'><media/></endpoint>"));
    CHECK(is_refused("<endpoint id='a'><media type='application'/></endpoint>"));
    CHECK(is_refused(
        "<endpoint id='a'><sources><media-source type='audio'/></sources></endpoint>"));
    CHECK(is_refused("<endpoint id='a'><sources><media-source id='x'/></sources></endpoint>"));
    CHECK(is_refused("<endpoint id='a' muc-role='xyz'/>"));
    CHECK(is_refused("<endpoint id='a'><initial-last-n/></endpoint>"));
    CHECK(is_refused("<endpoint id='a'><initial-last-n value='x'/></endpoint>"));
    CHECK(is_refused("<endpoint id='a'><transport><sctp port='abcd'/></transport></endpoint>"));
    CHECK(is_refused("<endpoint id='a'><transport><sctp role='abcd'/></transport></endpoint>"));
    CHECK(is_refused("<endpoint id='a'><media type='audio'>"
                     "<payload-type xmlns='urn:xmpp:jingle:apps:rtp:1' id='300'/>"
                     "</media></endpoint>"));
}

TEST_CASE("sctp says port and role, the role in any case") {
    const auto sctp = [](const std::string& attributes) {
        const auto request = read("<endpoint id='a'><transport><sctp" + attributes +
                                  "/></transport></endpoint>");
        return *request.endpoints.at(0).transport->sctp;
    };
    CHECK(sctp("") == c2::Sctp{});
    CHECK(sctp(" role='server'").role == "server");
    CHECK(sctp(" role='sERVer'").role == "server");
    CHECK(sctp(" role='client'").role == "client");
    CHECK(sctp(" port='5000'").port == 5000);
}

TEST_CASE("force-mute has two flags that are false when absent, and is no change without it") {
    CHECK(read("<endpoint id='a'><force-mute audio='true'/></endpoint>").endpoints[0].force_mute ==
          c2::ForceMute{true, false});
    CHECK(read("<endpoint id='a'><force-mute video='false'/></endpoint>").endpoints[0].force_mute ==
          c2::ForceMute{false, false});
    CHECK_FALSE(read("<endpoint id='a'/>").endpoints[0].force_mute);

    c2::ConferenceModify request{.meeting_id = "m1", .name = {}, .endpoints = {}, .relays = {}};
    request.endpoints.emplace_back().id = "a";
    request.endpoints[0].force_mute = c2::ForceMute{false, false};
    CHECK(c2::write(request).to_xml("jabber:client") ==
          kHead + "<endpoint id='a'><force-mute/></endpoint>" + kTail);
}

TEST_CASE("sources: absent is no change, empty is none, unknown things are skipped") {
    CHECK_FALSE(read("<endpoint id='a'/>").endpoints[0].sources);
    CHECK(read("<endpoint id='a'><sources/></endpoint>").endpoints[0].sources->empty());
    const auto request = read(
        "<endpoint id='a' new='1'><later xmlns='x:y'><deep/></later><sources>"
        "<media-source type='video' id='a-v0' synthetic='true'>"
        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='7' name='a-v0'/>"
        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' rid='1'/>"
        "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0'/>"
        "<ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='SIM'/>"
        "<ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FEC-FR'>"
        "<source ssrc='7'/><source ssrc='8'/></ssrc-group>"
        "</media-source></sources></endpoint><traceparent xmlns='jitsi:opentelemetry'/>");
    REQUIRE(request.endpoints[0].sources->size() == 1);
    const auto& source = request.endpoints[0].sources->front();
    CHECK(source.synthetic);
    REQUIRE(source.sources.size() == 1);
    CHECK(source.sources[0].ssrc == 7);
    REQUIRE(source.groups.size() == 2);
    CHECK(source.groups[0].ssrcs.empty());
    CHECK(source.groups[1].semantics == "FEC-FR");
}

TEST_CASE("a full create round-trips: visitor, red, rtx, last-n, restart, connects") {
    const std::string xml =
        "<conference-modify xmlns='jitsi:colibri2' meeting-id='m1' name='r@c.example' "
        "create='true'><endpoint id='a' create='true' stats-id='s' muc-role='visitor'>"
        "<media type='audio'><payload-type xmlns='urn:xmpp:jingle:apps:rtp:1' id='112' "
        "name='red' clockrate='48000' channels='2'><parameter value='111/111'/></payload-type>"
        "</media><transport ice-controlling='true' ice-restart='true'><sctp/></transport>"
        "<sources/><force-mute audio='true' video='true'/><capability name='source-names'/>"
        "<initial-last-n value='13'/></endpoint><connects/></conference-modify>";
    const auto request = c2::parse_conference_modify(parse(xml));
    REQUIRE(request.has_value());
    CHECK(request->endpoints[0].muc_role == "visitor");
    CHECK(request->endpoints[0].media[0].payload_types[0].parameters[0].name.empty());
    CHECK(request->endpoints[0].initial_last_n == 13);
    CHECK(request->endpoints[0].transport->ice_restart);
    CHECK(request->has_connects);
    CHECK(request->rtcstats_enabled);
    CHECK(c2::write(*request).to_xml("jabber:client") == xml);
}

TEST_CASE("a relay's endpoints are read, with a colon in its id") {
    const auto request = read(
        "<relay id='10.44.106.218:4096' create='true' mesh-id='2'><transport "
        "use-unique-port='true'><sctp role='client'/></transport>"
        "<endpoints><endpoint id='x'/><endpoint id='y' expire='true'/></endpoints></relay>");
    REQUIRE(request.relays.size() == 1);
    CHECK(request.relays[0].id == "10.44.106.218:4096");
    CHECK(request.relays[0].mesh_id == "2");
    CHECK(request.relays[0].transport->use_unique_port);
    REQUIRE(request.relays[0].endpoints.size() == 2);
    CHECK(request.relays[0].endpoints[1].expire);
}

TEST_CASE("a JVB's error keeps its reason although Smack writes the text without namespace") {
    const auto error = jmeet::xmpp::parse_stanza_error(jmeet::talks::load("colibri2_conflict"));
    CHECK(error.condition == "conflict");
    CHECK(error.text == "Conference already exists for ID: f96402dc-0895-42c4-9b35-5e2213d10288");
    REQUIRE(error.application.has_value());
    CHECK(error.application->is("error", "jitsi:colibri2"));
    CHECK(error.application->get("reason") == "conference_already_exists");
}

TEST_CASE("errors carry condition, text, reason and the unknown endpoint") {
    const auto iq = jmeet::talks::load("colibri2_conflict");
    const c2::Refusal recorded = c2::parse_error(*iq.child("error"));
    CHECK(recorded.condition == "conflict");
    CHECK(recorded.reason == "conference_already_exists");
    CHECK(recorded.text ==
          "Conference already exists for ID: f96402dc-0895-42c4-9b35-5e2213d10288");

    const c2::Refusal unknown{.condition = "item-not-found",
                              .reason = "unknown_endpoint",
                              .text = "Endpoint not found for ID: a1b2c3d4",
                              .endpoint_id = "a1b2c3d4"};
    CHECK(c2::write_error(unknown).to_xml() ==
          "<error type='cancel'>"
          "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
          "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>Endpoint not found for "
          "ID: a1b2c3d4</text>"
          "<error xmlns='jitsi:colibri2' reason='unknown_endpoint'/>"
          "<endpoint xmlns='jitsi:colibri2' id='a1b2c3d4'/></error>");
    CHECK(c2::parse_error(c2::write_error(unknown)) == unknown);

    const auto type_of = [](const char* condition) {
        c2::Refusal refusal;
        refusal.condition = condition;
        return c2::write_error(refusal).get("type");
    };
    CHECK(type_of("bad-request") == "modify");
    CHECK(type_of("forbidden") == "auth");
    CHECK(type_of("conflict") == "cancel");
    CHECK(c2::parse_error(parse("<error><error xmlns='jitsi:colibri2' reason='GRACEFUL_Shutdown'/>"
                                "</error>"))
              .reason == "graceful_shutdown");
    CHECK(c2::parse_error(parse("<error><error xmlns='jitsi:colibri2'/></error>")).reason ==
          "unspecified");
}
