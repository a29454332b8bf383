// What the focus offers to a participant: payload types and header extensions by its features,
// and the session-initiate around them. XEP-0166/0167 as Jicofo writes them.
//
// Pure functions; control thread. The same descriptions go to the bridge as the endpoint's media;
// the client's answer never changes them. The ids are the same for everybody in a conference: a
// bridge does not translate them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "focus/features.hpp"
#include "focus/focus_config.hpp"
#include "focus/source_set.hpp"
#include "xmpp/jingle.hpp"

namespace jmeet::focus {

// Jicofo's jicofo.codec.video.*; an id of 0 or less switches it off.
struct VideoCodecConfig {
    bool enabled = true;
    int pt = 0;
    int rtx_pt = 0;
    bool enable_remb = true;
};

struct ExtensionConfig {
    bool enabled = true;
    int id = 0;
};

// Defaults are Jicofo's reference.conf.
struct OfferConfig {
    VideoCodecConfig av1{.pt = 41, .rtx_pt = 42};
    VideoCodecConfig vp8{.pt = 100, .rtx_pt = 96};
    VideoCodecConfig h264{.pt = 107, .rtx_pt = 99};
    VideoCodecConfig vp9{.pt = 101, .rtx_pt = 97};

    bool opus_enabled = true;
    int opus_pt = 111;
    int opus_min_ptime = 10;
    bool opus_use_inband_fec = true;
    bool opus_red_enabled = false;
    int opus_red_pt = 112;
    bool telephone_event_enabled = true;
    int telephone_event_pt = 126;

    ExtensionConfig audio_level{.id = 1};
    ExtensionConfig video_layers_allocation{.enabled = false, .id = 12};
    ExtensionConfig dependency_descriptor{.id = 11};
    ExtensionConfig toffset{.enabled = false, .id = 2};
    ExtensionConfig mid{.id = 10};
    ExtensionConfig abs_send_time{.id = 3};
    ExtensionConfig frame_marking{.enabled = false, .id = 9};
    ExtensionConfig video_content_type{.enabled = false, .id = 7};
    ExtensionConfig rid{.enabled = false, .id = 4};
    ExtensionConfig tcc{.id = 5};
    bool extmap_allow_mixed = true;

    bool sctp_enabled = true;
    bool use_json_sources = true;
    bool use_ssrc_rewriting = true;
    bool use_rtp_mid_demux = true;
    bool strip_simulcast = true;
};

// The few switches that an operator has, over the defaults above.
OfferConfig make_offer_config(const FocusConfig& config);

// What this participant gets, features and configuration taken together.
struct Offer {
    bool audio = false;
    bool video = false;
    bool sctp = false;  // ask the bridge for it and offer the content "data" (JSON mode only)
    bool json_sources = false;
    bool ssrc_rewriting = false;  // bridge capability ssrc-rewriting; only "jvb" is signalled
    bool rtp_mid_demux = false;   // bridge capability rtp-mid-demux
    // Audio then video, as far as offered; also the colibri2::Endpoint's media.
    std::vector<xmpp::RtpDescription> descriptions;

    SourceFilter source_filter(const OfferConfig& config) const {
        return {.audio = audio, .video = video, .strip_simulcast = config.strip_simulcast};
    }
};

Offer make_offer(const OfferConfig& config, const Features& features);
// A relay's media: every codec and extension, for no feature in particular.
std::vector<xmpp::RtpDescription> make_relay_media(const OfferConfig& config);

// What the bridge and the conference add to an offer.
struct OfferTransport {
    xmpp::IceUdpTransport ice;               // from the allocation, put into every content
    std::optional<std::uint16_t> sctp_port;  // for the sctpmap in "data"
};

// Contents audio, video and (JSON mode, sctp) data, in this order.
std::vector<xmpp::JingleContent> make_contents(const Offer& offer, const OfferTransport& transport);

// session-initiate, or transport-replace: contents, BUNDLE group, startmuted (when one of the
// two is true), bridge-session, sources as JSON or XML. `sources` is already filtered.
struct SessionOffer {
    xmpp::JingleAction action = xmpp::JingleAction::session_initiate;
    std::string sid;
    std::string initiator;  // full JID of the focus
    OfferTransport transport;
    xmpp::StartMuted start_muted;
    xmpp::BridgeSession bridge_session;
    ConferenceSourceMap sources;
};
xmpp::Jingle make_session_offer(const Offer& offer, const SessionOffer& session);

}  // namespace jmeet::focus
