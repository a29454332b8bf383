#include "focus/offer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "focus/source_wire.hpp"
#include "tests/focus/source_samples.hpp"
#include "tests/talks/load.hpp"

using namespace jmeet::focus;
using namespace jmeet::focus::samples;
namespace xmpp = jmeet::xmpp;
using jmeet::talks::canonical_xml;
using jmeet::talks::load_payload;

namespace {

const Features kWeb{Feature::audio, Feature::video,        Feature::sctp,          Feature::rtx,
                    Feature::remb,  Feature::tcc,          Feature::json_sources,
                    Feature::ssrc_rewriting};

Features without(Feature missing) {
    Features features;
    for (int i = 0; i < static_cast<int>(Feature::count_); ++i) {
        const auto f = static_cast<Feature>(i);
        if (kWeb.has(f) && f != missing) features.add(f);
    }
    return features;
}

const xmpp::PayloadType* find(const xmpp::RtpDescription& description, const std::string& name) {
    const auto found = std::find_if(description.payload_types.begin(),
                                    description.payload_types.end(),
                                    [&](const auto& type) { return type.name == name; });
    return found == description.payload_types.end() ? nullptr : &*found;
}

bool has_extension(const xmpp::RtpDescription& description, const std::string& part) {
    return std::any_of(description.header_extensions.begin(),
                       description.header_extensions.end(),
                       [&](const auto& e) { return e.uri.find(part) != std::string::npos; });
}

bool has_feedback(const xmpp::PayloadType& type, const std::string& name) {
    return std::any_of(type.feedback.begin(), type.feedback.end(),
                       [&](const auto& f) { return f.type == name; });
}

// The offer that Jicofo made in a recording, made again from the bridge's answer in it.
SessionOffer session_like(const char* answer_talk, const xmpp::Jingle& recorded) {
    const auto answer = xmpp::colibri2::parse_conference_modified(load_payload(answer_talk));
    REQUIRE(answer.has_value());
    const auto& transport = *answer->endpoints.at(0).transport;
    SessionOffer session;
    session.sid = recorded.sid;
    session.initiator = recorded.initiator;
    session.transport.ice = *transport.ice;
    if (transport.sctp) session.transport.sctp_port = transport.sctp->port;
    session.bridge_session = *recorded.bridge_session;
    session.sources = ConferenceSourceMap(kBridgeOwner, feedback_sources(*answer->sources));
    return session;
}

xmpp::Jingle read(const char* talk) {
    auto jingle = xmpp::parse_jingle(load_payload(talk));
    REQUIRE(jingle.has_value());
    return *jingle;
}

}  // namespace

TEST_CASE("the offer to a web client is Jicofo's, stanza for stanza") {
    OfferConfig config;
    config.sctp_enabled = false;
    const Offer offer = make_offer(config, kWeb);
    const xmpp::Jingle recorded = read("session_initiate");
    const auto mine = make_session_offer(offer, session_like("colibri2_created", recorded));
    CHECK(canonical_xml(xmpp::write_jingle(mine)) ==
          canonical_xml(load_payload("session_initiate")));

    const auto create =
        xmpp::colibri2::parse_conference_modify(load_payload("colibri2_create"));
    REQUIRE(create.has_value());
    CHECK(offer.descriptions == create->endpoints.at(0).media);
    CHECK(offer.ssrc_rewriting);
    CHECK_FALSE(offer.rtp_mid_demux);
    CHECK_FALSE(offer.sctp);
}

TEST_CASE("with SCTP there is a data content, stanza for stanza") {
    const Offer offer = make_offer({}, kWeb);
    CHECK(offer.sctp);
    const xmpp::Jingle recorded = read("session_initiate_sctp");
    const auto mine = make_session_offer(offer, session_like("colibri2_created_sctp", recorded));
    CHECK(canonical_xml(xmpp::write_jingle(mine)) ==
          canonical_xml(load_payload("session_initiate_sctp")));
}

TEST_CASE("sources as XML stand in the descriptions, and there is no data content") {
    OfferConfig config;
    config.use_json_sources = false;
    const Offer offer = make_offer(config, kWeb);
    CHECK(offer.sctp);
    const xmpp::Jingle recorded = read("session_initiate_xml_sources");
    SessionOffer session;
    session.sid = recorded.sid;
    session.initiator = recorded.initiator;
    session.transport.ice = *recorded.contents.at(0).transport;
    session.transport.sctp_port = 5000;
    session.bridge_session = *recorded.bridge_session;
    session.sources = ConferenceSourceMap(kBridgeOwner, sources_from_jingle(recorded.contents));
    CHECK(canonical_xml(xmpp::write_jingle(make_session_offer(offer, session))) ==
          canonical_xml(load_payload("session_initiate_xml_sources")));
}

TEST_CASE("no audio, no SCTP: only video") {
    const Offer offer = make_offer({}, Features{Feature::video, Feature::json_sources});
    const auto contents = make_contents(offer, {});
    REQUIRE(contents.size() == 1);
    CHECK(contents[0].name == "video");
    CHECK_FALSE(contents[0].maxptime);
}

TEST_CASE("nobody who cannot do anything is offered anything") {
    CHECK(make_offer({}, Features{}).descriptions.empty());
}

TEST_CASE("rtx payload types only with the feature") {
    const Offer with = make_offer({}, kWeb);
    REQUIRE(find(with.descriptions[1], "rtx"));
    CHECK(find(with.descriptions[1], "rtx")->parameters.at(0).value == "41");
    const Offer none = make_offer({}, without(Feature::rtx));
    CHECK_FALSE(find(none.descriptions[1], "rtx"));
}

TEST_CASE("video codecs: clock, feedback, ids, switches") {
    const Offer offer = make_offer({}, kWeb);
    for (const char* name : {"VP8", "VP9", "H264", "AV1"}) {
        const auto* codec = find(offer.descriptions[1], name);
        REQUIRE(codec);
        CHECK(codec->clockrate == 90'000);
        CHECK(has_feedback(*codec, "nack"));
        CHECK(has_feedback(*codec, "transport-cc"));
        CHECK_FALSE(has_feedback(*codec, "goog-remb"));
    }
    OfferConfig config;
    config.vp8.pt = 123;
    config.vp9.enabled = false;
    config.h264.pt = -1;
    const Offer changed = make_offer(config, kWeb);
    CHECK(find(changed.descriptions[1], "VP8")->id == 123);
    CHECK_FALSE(find(changed.descriptions[1], "VP9"));
    CHECK_FALSE(find(changed.descriptions[1], "H264"));
    // rtx of AV1 and VP8 are left.
    CHECK(changed.descriptions[1].payload_types.size() == 4);
}

TEST_CASE("ids of opus and rtx go by the configuration") {
    const Offer plain = make_offer({}, kWeb);
    const auto* opus = find(plain.descriptions[0], "opus");
    REQUIRE(opus);
    CHECK(opus->clockrate == 48'000);
    CHECK(opus->channels == 2);
    OfferConfig config;
    config.opus_pt = 120;
    config.opus_red_enabled = true;
    config.vp8.pt = 123;
    config.vp8.rtx_pt = 124;
    Features red = kWeb;
    red.add(Feature::opus_red);
    const Offer offer = make_offer(config, red);
    CHECK(find(offer.descriptions[0], "opus")->id == 120);
    CHECK(find(offer.descriptions[0], "red")->parameters.at(0).value == "120/120");
    const auto& types = offer.descriptions[1].payload_types;
    CHECK(std::count_if(types.begin(), types.end(), [](const auto& t) {
              return t.name == "rtx" && t.id == 124 && t.parameters.at(0).value == "123";
          }) == 1);
}

TEST_CASE("goog-remb is offered only to who cannot do transport-cc") {
    const Offer offer = make_offer({}, without(Feature::tcc));
    const auto& vp8 = *find(offer.descriptions[1], "VP8");
    CHECK(has_feedback(vp8, "goog-remb"));
    CHECK_FALSE(has_feedback(vp8, "transport-cc"));
    CHECK_FALSE(has_extension(offer.descriptions[0], "transport-wide-cc"));
    CHECK_FALSE(has_extension(offer.descriptions[1], "transport-wide-cc"));
    CHECK_FALSE(has_feedback(*find(offer.descriptions[0], "opus"), "transport-cc"));
    OfferConfig config;
    config.tcc.enabled = false;
    const Offer off = make_offer(config, kWeb);
    CHECK(has_feedback(*find(off.descriptions[1], "VP8"), "goog-remb"));
    CHECK_FALSE(has_extension(off.descriptions[1], "transport-wide-cc"));
}

TEST_CASE("RED is offered when configured and supported; FEC goes by the configuration alone") {
    CHECK_FALSE(find(make_offer({}, kWeb).descriptions[0], "red"));
    OfferConfig config;
    config.opus_red_enabled = true;
    Features red = kWeb;
    red.add(Feature::opus_red);
    const Offer offer = make_offer(config, red);
    const auto& types = offer.descriptions[0].payload_types;
    CHECK(types.at(0).name == "red");
    CHECK(types[0].parameters.at(0) == xmpp::Parameter{"", "111/111"});
    CHECK(find(offer.descriptions[0], "opus")->parameters.size() == 1);
    const Offer unable = make_offer(config, kWeb);
    CHECK_FALSE(find(unable.descriptions[0], "red"));
    CHECK(find(unable.descriptions[0], "opus")->parameters.size() == 1);
}

TEST_CASE("extensions: audio level in audio, mid in both or neither") {
    const Offer offer = make_offer({}, kWeb);
    CHECK(has_extension(offer.descriptions[0], "ssrc-audio-level"));
    CHECK_FALSE(has_extension(offer.descriptions[1], "ssrc-audio-level"));
    CHECK(has_extension(offer.descriptions[0], "sdes:mid"));
    CHECK(has_extension(offer.descriptions[1], "sdes:mid"));
    OfferConfig config;
    config.mid.enabled = false;
    const Offer none = make_offer(config, kWeb);
    CHECK_FALSE(has_extension(none.descriptions[0], "sdes:mid"));
    CHECK_FALSE(has_extension(none.descriptions[1], "sdes:mid"));
}

TEST_CASE("mid demux needs rewriting, the feature, and the mid extension") {
    Features features = kWeb;
    features.add(Feature::rtp_mid_demux);
    CHECK(make_offer({}, features).rtp_mid_demux);
    OfferConfig config;
    config.mid.enabled = false;
    CHECK_FALSE(make_offer(config, features).rtp_mid_demux);
    config = {};
    config.use_ssrc_rewriting = false;
    CHECK_FALSE(make_offer(config, features).rtp_mid_demux);
    CHECK_FALSE(make_offer(config, features).ssrc_rewriting);
}

TEST_CASE("startmuted stands in the offer when one of the two is true") {
    const Offer offer = make_offer({}, kWeb);
    SessionOffer session;
    session.sid = "s";
    CHECK_FALSE(make_session_offer(offer, session).start_muted);
    session.start_muted.video = true;
    const auto element = xmpp::write_jingle(make_session_offer(offer, session));
    const auto* muted = element.child("startmuted");
    REQUIRE(muted);
    CHECK(muted->get("audio") == "false");
    CHECK(muted->get("video") == "true");
}

TEST_CASE("who has no video is told of audio sources only") {
    const OfferConfig config;
    const Offer offer = make_offer(config, Features{Feature::audio, Feature::json_sources});
    ConferenceSourceMap all("E1", x());
    all.add("E2", set({v(100, "m")}));
    const auto filtered = all.filtered(offer.source_filter(config));
    CHECK(filtered == ConferenceSourceMap("E1", set({a(7)})));
}

TEST_CASE("a relay's media has every codec, and RED when configured") {
    OfferConfig config;
    CHECK(make_relay_media(config) == make_offer(config, kWeb).descriptions);
    config.opus_red_enabled = true;
    CHECK(find(make_relay_media(config).at(0), "red"));
}

TEST_CASE("the operator's switches reach the offer") {
    FocusConfig focus;
    focus.codec.av1 = false;
    focus.codec.rtx = false;
    focus.codec.mid = false;
    focus.sctp_enabled = false;
    focus.conference.use_json_encoded_sources = false;
    const OfferConfig config = make_offer_config(focus);
    const Offer offer = make_offer(config, kWeb);
    CHECK_FALSE(find(offer.descriptions[1], "AV1"));
    CHECK_FALSE(find(offer.descriptions[1], "rtx"));
    CHECK_FALSE(has_extension(offer.descriptions[0], "sdes:mid"));
    CHECK_FALSE(offer.sctp);
    CHECK_FALSE(offer.json_sources);
    const Offer standard = make_offer(make_offer_config(FocusConfig{}), kWeb);
    CHECK(standard.descriptions == make_offer({}, kWeb).descriptions);
}
