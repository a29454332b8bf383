#include "xmpp/colibri2_json.hpp"

#include <doctest/doctest.h>

#include "tests/talks/load.hpp"
#include "xmpp/colibri2.hpp"

namespace c2 = jmeet::xmpp::colibri2;
using jmeet::talks::canonical_xml;
using jmeet::talks::parse;
using jmeet::xmpp::Element;

namespace {

const std::string kRtp = "xmlns='urn:xmpp:jingle:apps:rtp:1'";
const std::string kExt = "xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0'";
const std::string kFb = "xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0'";
const std::string kSsma = "xmlns='urn:xmpp:jingle:apps:rtp:ssma:0'";

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// XML to JSON and back to the same XML; the JSON is handed back.
std::string round_trip(const std::string& xml) {
    const Element element = parse(xml);
    const std::string text = c2::write_json(element);
    const auto again = c2::read_json_request(text);
    REQUIRE_MESSAGE(again.has_value(), text);
    CHECK(canonical_xml(*again) == canonical_xml(element));
    return text;
}

bool is_refused(const std::string& text) { return c2::read_json_request(text).has_error(); }

}  // namespace

TEST_CASE("a conference's first endpoint is the same in XML and JSON") {
    const std::string text = round_trip(
        "<conference-modify xmlns='jitsi:colibri2' meeting-id='m1' name='r@c.example' create='true'>"
        "<endpoint id='a1b2c3d4' create='true' stats-id='Bob-x1'>"
        "<media type='audio'><payload-type " + kRtp +
        " id='111' name='opus' clockrate='48000' channels='2'/></media>"
        "<transport ice-controlling='true'/>"
        "<sources><media-source type='video' id='a-v0'><source " + kSsma +
        " ssrc='803354056'/></media-source></sources>"
        "<force-mute audio='true' video='true'/><initial-last-n value='13'/>"
        "</endpoint></conference-modify>");
    CHECK(contains(text, R"("sources":[803354056])"));
    CHECK(contains(text, R"("force-mute":{"audio":true,"video":true})"));
    CHECK(contains(text, R"("initial-last-n":{"value":13})"));
    CHECK(contains(text, R"({"id":"111","name":"opus","clockrate":"48000","channels":"2"})"));
    CHECK(contains(text, R"("create":true)"));
}

TEST_CASE("media with RED, RTX, feedback and extensions are the same in XML and JSON") {
    const std::string text = round_trip(
        "<conference-modify xmlns='jitsi:colibri2' meeting-id='m1' create='true'>"
        "<endpoint id='a1b2c3d4' create='true' muc-role='visitor'>"
        "<media type='audio'><payload-type " + kRtp +
        " id='112' name='red' clockrate='48000'><parameter value='111/111'/></payload-type>"
        "<rtp-hdrext " + kExt + " id='1' uri='urn:ietf:params:rtp-hdrext:ssrc-audio-level'/>"
        "<extmap-allow-mixed " + kExt + "/></media>"
        "<media type='video'><payload-type " + kRtp +
        " id='100' name='VP8' clockrate='90000'><rtcp-fb " + kFb +
        " type='nack' subtype='pli'/></payload-type><payload-type " + kRtp +
        " id='96' name='rtx' clockrate='90000'><parameter name='apt' value='100'/></payload-type>"
        "<extmap-allow-mixed " + kExt + "/></media>"
        "<transport><sctp/></transport><capability name='source-names'/></endpoint>"
        "</conference-modify>");
    CHECK(contains(text, R"("muc-role":"visitor")"));
    CHECK(contains(text, R"("parameters":{"null":"111/111"})"));
    CHECK(contains(text, R"("parameters":{"apt":"100"})"));
    CHECK(contains(text, R"("rtp-hdrexts":[{"id":1,"uri":)"));
    CHECK(contains(text, R"("rtcp-fbs":[{"type":"nack","subtype":"pli"}])"));
    CHECK(contains(text, R"("capabilities":["source-names"])"));
    CHECK(contains(text, R"("extmap-allow-mixed":true)"));
}

TEST_CASE("a simulcast source's groups keep their order") {
    const std::string text = round_trip(
        "<conference-modify xmlns='jitsi:colibri2' meeting-id='m1'><endpoint id='a1b2c3d4'>"
        "<transport><transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='u' pwd='p'>"
        "<rtcp-mux/><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='active'>"
        "BB:50</fingerprint></transport></transport>"
        "<sources><media-source type='video' id='a-v0'><source " + kSsma +
        " ssrc='1' name='a-v0'><parameter name='msid' value='s t'/></source>"
        "<ssrc-group " + kSsma + " semantics='SIM'><source ssrc='1'/><source ssrc='3'/>"
        "<source ssrc='5'/></ssrc-group>"
        "<ssrc-group " + kSsma + " semantics='FID'><source ssrc='1'/><source ssrc='2'/></ssrc-group>"
        "</media-source></sources></endpoint></conference-modify>");
    CHECK(contains(text, R"({"semantics":"SIM","sources":[1,3,5]},{"semantics":"FID")"));
    CHECK(contains(text, R"({"ssrc":1,"name":"a-v0","parameters":{"msid":"s t"}})"));
    CHECK(contains(text, R"("xmlns":"urn:xmpp:jingle:transports:ice-udp:1")"));
}

TEST_CASE("a relay's endpoints are wrapped in XML and flat in JSON") {
    const std::string text = round_trip(
        "<conference-modify xmlns='jitsi:colibri2' meeting-id='m1'>"
        "<relay id='10.44.106.218:4096' mesh-id='2' create='true'><endpoints>"
        "<endpoint id='c9d0e1f2' create='true'><sources><media-source type='audio' id='c-a0'>"
        "<source " + kSsma + " ssrc='7'/></media-source></sources></endpoint>"
        "</endpoints></relay></conference-modify>");
    CHECK(contains(text, R"("endpoints":[{"id":"c9d0e1f2","create":true,"sources":)"));
}

TEST_CASE("a connection to a recorder is the same in XML and JSON") {
    const std::string start =
        "<conference-modify xmlns='jitsi:colibri2' meeting-id='m1'><connects>"
        "<connect id='t' url='wss://rec.example/m1' protocol='mediajson' type='transcriber' "
        "audio='true' create='true'>";
    const std::string end = "</connect></connects></conference-modify>";
    const std::string ping = "<ping interval='10000' timeout='3000'/>";
    const std::string header = "<http-header name='Authorization' value='Bearer abc'/>";
    CHECK(contains(round_trip(start + header + end),
                   R"("headers":{"Authorization":"Bearer abc"})"));
    CHECK(contains(round_trip(start + ping + end),
                   R"("ping":{"interval":10000,"timeout":3000})"));
    CHECK(contains(round_trip(start + header + ping + end), R"(abc"},"ping":{)"));
    CHECK(contains(round_trip(start +
                              "<exports><export name='a-a0'/><export name='b-a0'/></exports>"
                              "<requests><request name='a-a0.fr'/></requests>" +
                              end),
                   R"("exports":["a-a0","b-a0"],"requests":["a-a0.fr"])"));
    CHECK(is_refused(R"({"meeting-id":"m1","connects":[{"headers":{"A":1}}]})"));
    CHECK(is_refused(R"({"meeting-id":"m1","connects":[{"headers":[]}]})"));
    CHECK(is_refused(R"({"meeting-id":"m1","connects":[{"ping":{"interval":"x"}}]})"));
    CHECK(is_refused(R"({"meeting-id":"m1","connects":[{"exports":[1]}]})"));
}

TEST_CASE("an expiry is one boolean") {
    CHECK(round_trip("<conference-modify xmlns='jitsi:colibri2' meeting-id='m1' expire='true'/>") ==
          R"({"meeting-id":"m1","expire":true})");
}

TEST_CASE("an answer says transport and feedback sources as a JVB does") {
    const std::string text = c2::write_json(jmeet::talks::load_payload("colibri2_created_sctp"));
    CHECK(contains(text, R"("endpoints":[{"id":"38963411","transport":{"transport":{"xmlns":)"));
    CHECK(contains(text, R"("component":"1")"));
    CHECK(contains(text, R"("port":"10000")"));
    CHECK(contains(text, R"("rtcp-mux":true)"));
    CHECK(contains(text, R"("web-sockets":["ws://10.77.0.2:9090/colibri-ws/)"));
    CHECK(contains(text, R"("sctp":{"port":5000,"role":"SERVER"})"));
    CHECK(contains(text, R"({"type":"audio","id":"jvb-a0","sources":[{"ssrc":1347743811,)"));
}

TEST_CASE("recorded requests of a Jicofo are the same in XML and JSON") {
    for (const char* name : {"colibri2_create", "colibri2_create_second", "colibri2_update"}) {
        CAPTURE(name);
        const Element element = jmeet::talks::load_payload(name);
        const auto again = c2::read_json_request(c2::write_json(element));
        REQUIRE(again.has_value());
        // As values: children of different names may stand in any order.
        const bool same = *c2::parse_conference_modify(*again) ==
                          *c2::parse_conference_modify(element);
        CHECK(same);
    }
}

TEST_CASE("numbers, numeric strings and objects are sources; -1 is none") {
    const auto request = c2::read_json_request(
        R"({"meeting-id":"m","endpoints":[{"id":"a","sources":[{"type":"audio","id":"a-a0",)"
        R"("sources":[1,"2",{"ssrc":3,"name":"n"},{"ssrc":4294967295,"rid":"h"}]}]}]})");
    REQUIRE(request.has_value());
    const auto sources = request->child("endpoint")->child("sources")->child("media-source");
    REQUIRE(sources->children().size() == 4);
    CHECK(sources->children()[0].get("ssrc") == "1");
    CHECK(sources->children()[1].get("ssrc") == "2");
    CHECK(sources->children()[2].get("name") == "n");
    CHECK_FALSE(sources->children()[3].attribute("ssrc"));
    CHECK(sources->children()[3].get("rid") == "h");
}

TEST_CASE("what a JVB passes over is passed over") {
    const auto request = c2::read_json_request(
        R"({"meeting-id":"m","unknown":{"x":[]},"endpoints":[{"id":"a",)"
        R"("medias":[{"type":"audio","extmap-allow-mixed":false,)"
        R"("rtp-hdrexts":[{"id":"1","uri":"u"},{"id":2},{"id":3,"uri":"v"}]}],)"
        R"("transport":{"transport":{"ufrag":"u"}}}]})");
    REQUIRE(request.has_value());
    const Element* endpoint = request->child("endpoint");
    REQUIRE(endpoint);
    const Element* media = endpoint->child("media");
    CHECK(media->children_named("rtp-hdrext").size() == 1);
    CHECK(media->child("extmap-allow-mixed"));
    CHECK(endpoint->child("transport")->children().empty());
}

TEST_CASE("a value of a wrong type is refused with its name") {
    CHECK(is_refused("[]"));
    CHECK(is_refused("nonsense"));
    CHECK(is_refused(R"({"meeting-id":"m","meeting-id":"n"})"));
    for (const char* wrong :
         {R"({"meeting-id":5})", R"({"create":"true"})", R"({"endpoints":{}})",
          R"({"endpoints":[1]})", R"({"endpoints":[{"id":7}]})",
          R"({"endpoints":[{"medias":[{"payload-types":5}]}]})",
          R"({"endpoints":[{"transport":[]}]})", R"({"endpoints":[{"sources":[{"sources":[{}, "x"]}]}]})",
          R"({"endpoints":[{"initial-last-n":{"value":"5"}}]})",
          R"({"endpoints":[{"capabilities":[1]}]})", R"({"endpoints":[{"force-mute":{"audio":1}}]})",
          R"({"relays":[{"mesh-id":1}]})"}) {
        CAPTURE(wrong);
        CHECK(is_refused(wrong));
    }
    CHECK(c2::read_json_request(R"({"create":"true"})").error().what ==
          "conference-modify 'create' is not a boolean");
}
