#include "focus/offer.hpp"

#include "focus/source_wire.hpp"

namespace jmeet::focus {
namespace {

constexpr char kAudioLevel[] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
constexpr char kVideoLayersAllocation[] =
    "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00";
constexpr char kDependencyDescriptor[] =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
constexpr char kToffset[] = "urn:ietf:params:rtp-hdrext:toffset";
constexpr char kMid[] = "urn:ietf:params:rtp-hdrext:sdes:mid";
constexpr char kAbsSendTime[] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
constexpr char kFrameMarking[] = "http://tools.ietf.org/html/draft-ietf-avtext-framemarking-07";
constexpr char kVideoContentType[] =
    "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type";
constexpr char kRid[] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
constexpr char kTransportCc[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

// COMPAT: one parameter whose value holds the others, with a semicolon at the end. It becomes
// an a=fmtp line by putting "profile-level-id=" before it.
constexpr char kH264Parameters[] = "42e01f;level-asymmetry-allowed=1;packetization-mode=1;";

// What of the features touches codecs, after the configuration had its say.
struct Wishes {
    bool rtx = false;
    bool remb = false;  // only where transport-cc is not used
    bool tcc = false;
    bool red = false;
};

xmpp::PayloadType payload_type(int id, std::string name, std::uint32_t clockrate) {
    xmpp::PayloadType type;
    type.id = static_cast<std::uint8_t>(id);
    type.name = std::move(name);
    type.clockrate = clockrate;
    return type;
}

bool is_payload_id(int id) { return id > 0 && id < 128; }

void add_extension(xmpp::RtpDescription& description, const ExtensionConfig& config,
                   const char* uri) {
    if (config.enabled && config.id > 0) {
        description.header_extensions.push_back({static_cast<std::uint16_t>(config.id), uri});
    }
}

void add_opus(xmpp::RtpDescription& audio, const OfferConfig& config, const Wishes& wishes) {
    if (config.opus_red_enabled && wishes.red && is_payload_id(config.opus_red_pt)) {
        xmpp::PayloadType red = payload_type(config.opus_red_pt, "red", 48'000);
        red.channels = 2;
        const std::string pt = std::to_string(config.opus_pt);
        red.parameters.push_back({"", pt + "/" + pt});
        audio.payload_types.push_back(std::move(red));
    }
    if (!config.opus_enabled || !is_payload_id(config.opus_pt)) return;
    xmpp::PayloadType opus = payload_type(config.opus_pt, "opus", 48'000);
    opus.channels = 2;
    opus.parameters.push_back({"minptime", std::to_string(config.opus_min_ptime)});
    // By the configuration, not by what this participant can do: as Jicofo.
    if (config.opus_use_inband_fec && !config.opus_red_enabled) {
        opus.parameters.push_back({"useinbandfec", "1"});
    }
    if (wishes.tcc) opus.feedback.push_back({"transport-cc", ""});
    audio.payload_types.push_back(std::move(opus));
}

xmpp::RtpDescription make_audio(const OfferConfig& config, const Wishes& wishes) {
    xmpp::RtpDescription audio;
    audio.media = "audio";
    add_opus(audio, config, wishes);
    if (config.telephone_event_enabled && is_payload_id(config.telephone_event_pt)) {
        audio.payload_types.push_back(
            payload_type(config.telephone_event_pt, "telephone-event", 8'000));
    }
    add_extension(audio, config.audio_level, kAudioLevel);
    add_extension(audio, config.mid, kMid);
    if (wishes.tcc) add_extension(audio, config.tcc, kTransportCc);
    audio.extmap_allow_mixed = config.extmap_allow_mixed;
    return audio;
}

void add_codec(xmpp::RtpDescription& video, const VideoCodecConfig& codec, std::string name,
               const Wishes& wishes) {
    if (!codec.enabled || !is_payload_id(codec.pt)) return;
    const bool h264 = name == "H264";
    xmpp::PayloadType type = payload_type(codec.pt, std::move(name), 90'000);
    type.feedback = {{"ccm", "fir"}, {"nack", ""}, {"nack", "pli"}};
    if (wishes.remb && codec.enable_remb) type.feedback.push_back({"goog-remb", ""});
    if (wishes.tcc) type.feedback.push_back({"transport-cc", ""});
    if (h264) type.parameters.push_back({"profile-level-id", kH264Parameters});
    video.payload_types.push_back(std::move(type));
}

enum class RtxFeedback { yes, no };

void add_rtx(xmpp::RtpDescription& video, const VideoCodecConfig& codec, const Wishes& wishes,
             RtxFeedback feedback) {
    if (!wishes.rtx || !codec.enabled || !is_payload_id(codec.pt)) return;
    if (!is_payload_id(codec.rtx_pt)) return;
    xmpp::PayloadType type = payload_type(codec.rtx_pt, "rtx", 90'000);
    type.parameters.push_back({"apt", std::to_string(codec.pt)});
    if (feedback == RtxFeedback::yes) {
        type.feedback = {{"ccm", "fir"}, {"nack", ""}, {"nack", "pli"}};
    }
    video.payload_types.push_back(std::move(type));
}

xmpp::RtpDescription make_video(const OfferConfig& config, const Wishes& wishes) {
    xmpp::RtpDescription video;
    video.media = "video";
    add_codec(video, config.av1, "AV1", wishes);
    add_codec(video, config.vp8, "VP8", wishes);
    add_codec(video, config.h264, "H264", wishes);
    add_codec(video, config.vp9, "VP9", wishes);
    add_rtx(video, config.av1, wishes, RtxFeedback::yes);
    add_rtx(video, config.vp8, wishes, RtxFeedback::yes);
    add_rtx(video, config.vp9, wishes, RtxFeedback::yes);
    add_rtx(video, config.h264, wishes, RtxFeedback::no);
    add_extension(video, config.video_layers_allocation, kVideoLayersAllocation);
    add_extension(video, config.dependency_descriptor, kDependencyDescriptor);
    add_extension(video, config.toffset, kToffset);
    add_extension(video, config.mid, kMid);
    add_extension(video, config.abs_send_time, kAbsSendTime);
    add_extension(video, config.frame_marking, kFrameMarking);
    add_extension(video, config.video_content_type, kVideoContentType);
    add_extension(video, config.rid, kRid);
    if (wishes.tcc) add_extension(video, config.tcc, kTransportCc);
    video.extmap_allow_mixed = config.extmap_allow_mixed;
    return video;
}

xmpp::JingleContent make_content(std::string name, xmpp::RtpDescription description,
                                 const xmpp::IceUdpTransport& transport) {
    xmpp::JingleContent content;
    content.creator = "initiator";
    content.name = std::move(name);
    content.senders = "both";
    if (description.media == "audio") content.maxptime = 60;
    content.description = std::move(description);
    content.rtcp_mux = true;
    content.transport = transport;
    content.transport->sctp_map.reset();
    return content;
}

}  // namespace

OfferConfig make_offer_config(const FocusConfig& config) {
    OfferConfig offer;
    const CodecConfig& codec = config.codec;
    offer.av1.enabled = codec.av1;
    offer.vp8.enabled = codec.vp8;
    offer.h264.enabled = codec.h264;
    offer.vp9.enabled = codec.vp9;
    if (!codec.rtx) {
        for (VideoCodecConfig* c : {&offer.av1, &offer.vp8, &offer.h264, &offer.vp9}) c->rtx_pt = 0;
    }
    offer.opus_enabled = codec.opus;
    offer.opus_red_enabled = codec.opus_red;
    offer.opus_use_inband_fec = codec.use_inband_fec;
    offer.telephone_event_enabled = codec.telephone_event;
    offer.audio_level.enabled = codec.audio_level;
    offer.dependency_descriptor.enabled = codec.dependency_descriptor;
    offer.mid.enabled = codec.mid;
    offer.abs_send_time.enabled = codec.abs_send_time;
    offer.tcc.enabled = codec.transport_cc;
    offer.extmap_allow_mixed = codec.extmap_allow_mixed;
    offer.sctp_enabled = config.sctp_enabled;
    offer.use_json_sources = config.conference.use_json_encoded_sources;
    offer.use_ssrc_rewriting = config.conference.use_ssrc_rewriting;
    offer.use_rtp_mid_demux = config.conference.use_rtp_mid_demux;
    offer.strip_simulcast = config.conference.strip_simulcast;
    return offer;
}

Offer make_offer(const OfferConfig& config, const Features& features) {
    Offer offer;
    offer.audio = features.has(Feature::audio);
    offer.video = features.has(Feature::video);
    offer.sctp = config.sctp_enabled && features.has(Feature::sctp);
    offer.json_sources = config.use_json_sources && features.has(Feature::json_sources);
    offer.ssrc_rewriting = config.use_ssrc_rewriting && features.has(Feature::ssrc_rewriting);
    offer.rtp_mid_demux = offer.ssrc_rewriting && config.use_rtp_mid_demux && config.mid.enabled &&
                          features.has(Feature::rtp_mid_demux);
    Wishes wishes;
    wishes.rtx = features.has(Feature::rtx);
    wishes.tcc = config.tcc.enabled && features.has(Feature::tcc);
    wishes.remb = !wishes.tcc && features.has(Feature::remb);
    wishes.red = features.has(Feature::opus_red);
    if (offer.audio) offer.descriptions.push_back(make_audio(config, wishes));
    if (offer.video) offer.descriptions.push_back(make_video(config, wishes));
    return offer;
}

std::vector<xmpp::RtpDescription> make_relay_media(const OfferConfig& config) {
    const Wishes all{.rtx = true, .remb = false, .tcc = config.tcc.enabled, .red = true};
    return {make_audio(config, all), make_video(config, all)};
}

std::vector<xmpp::JingleContent> make_contents(const Offer& offer,
                                               const OfferTransport& transport) {
    std::vector<xmpp::JingleContent> contents;
    for (const xmpp::RtpDescription& description : offer.descriptions) {
        contents.push_back(make_content(description.media, description, transport.ice));
    }
    // COMPAT: with sources as XML there is no "data", although SCTP was asked of the bridge.
    if (offer.sctp && offer.json_sources && transport.sctp_port) {
        xmpp::RtpDescription application;
        application.media = "application";
        contents.push_back(make_content("data", std::move(application), transport.ice));
        xmpp::SctpMap& map = contents.back().transport->sctp_map.emplace();
        map.number = *transport.sctp_port;
    }
    return contents;
}

xmpp::Jingle make_session_offer(const Offer& offer, const SessionOffer& session) {
    xmpp::Jingle jingle;
    jingle.action = session.action;
    jingle.sid = session.sid;
    jingle.initiator = session.initiator;
    jingle.contents = make_contents(offer, session.transport);
    for (const xmpp::JingleContent& content : jingle.contents) {
        jingle.bundle.push_back(content.name);
    }
    if (session.start_muted.audio || session.start_muted.video) {
        jingle.start_muted = session.start_muted;
    }
    jingle.bridge_session = session.bridge_session;
    if (offer.json_sources) {
        jingle.json_message = compact_json(session.sources);
    } else {
        add_sources_to_contents(jingle.contents, session.sources);
    }
    return jingle;
}

}  // namespace jmeet::focus
