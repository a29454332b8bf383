#include "bridge/colibri_media.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/text.hpp"

namespace jmeet::bridge {
namespace {

Codec codec_named(std::string_view name) {
    static constexpr std::pair<std::string_view, Codec> kCodecs[] = {
        {"opus", Codec::opus}, {"red", Codec::red},   {"telephone-event", Codec::telephone_event},
        {"vp8", Codec::vp8},   {"vp9", Codec::vp9},   {"av1", Codec::av1},
        {"h264", Codec::h264}, {"rtx", Codec::rtx},
        {"ulpfec", Codec::fec}, {"flexfec", Codec::fec}, {"flexfec-03", Codec::fec},
    };
    for (const auto& [wire, codec] : kCodecs) {
        if (equals_ignoring_case(wire, name)) return codec;
    }
    return Codec::unknown;
}

std::optional<Extension> extension_of(std::string_view uri) {
    static constexpr std::pair<std::string_view, Extension> kUris[] = {
        {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", Extension::audio_level},
        {"urn:ietf:params:rtp-hdrext:sdes:mid", Extension::mid},
        {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", Extension::abs_send_time},
        {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
         Extension::transport_cc},
        {"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
         Extension::dependency_descriptor},
        {"http://tools.ietf.org/html/draft-ietf-avtext-framemarking-07", Extension::frame_marking},
        {"urn:ietf:params:rtp-hdrext:framemarking", Extension::frame_marking},
        {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", Extension::rid},
        {"urn:ietf:params:rtp-hdrext:toffset", Extension::toffset},
        {"http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
         Extension::video_content_type},
        {"http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
         Extension::video_layers_allocation},
        {"urn:3gpp:video-orientation", Extension::video_orientation},
    };
    for (const auto& [known, extension] : kUris) {
        if (known == uri) return extension;
    }
    return std::nullopt;
}

PayloadFormat to_format(const xmpp::PayloadType& type) {
    PayloadFormat format;
    format.pt = type.id;
    format.codec = codec_named(type.name);
    if (type.clockrate != 0) format.clock_rate = type.clockrate;
    for (const auto& feedback : type.feedback) {
        if (feedback.type == "nack") (feedback.subtype == "pli" ? format.pli : format.nack) = true;
        if (feedback.type == "ccm" && feedback.subtype == "fir") format.fir = true;
        if (feedback.type == "transport-cc") format.transport_cc = true;
        if (feedback.type == "goog-remb") format.remb = true;
    }
    for (const auto& parameter : type.parameters) {
        unsigned apt = 0;
        const auto& v = parameter.value;
        if (parameter.name == "apt" && std::from_chars(v.data(), v.data() + v.size(), apt).ec ==
                                           std::errc{} && apt < 128) {
            format.rtx_apt = static_cast<std::uint8_t>(apt);
        }
    }
    return format;
}

std::optional<VideoType> video_type_named(std::string_view name) {
    if (equals_ignoring_case(name, "camera")) return VideoType::camera;
    if (equals_ignoring_case(name, "desktop")) return VideoType::desktop;
    if (equals_ignoring_case(name, "desktop_high_fps")) return VideoType::desktop_high_fps;
    if (equals_ignoring_case(name, "disabled")) return VideoType::disabled;
    if (equals_ignoring_case(name, "none")) return VideoType::none;
    return std::nullopt;
}

bool is_repair(const xmpp::SsrcGroup& group) {
    return equals_ignoring_case(group.semantics, "FID") ||
           equals_ignoring_case(group.semantics, "FEC-FR");
}

// The primaries of the source's stream set: a SIM group before a FID group before a lone source.
std::vector<std::uint32_t> first_set(const xmpp::colibri2::MediaSource& source) {
    for (const char* semantics : {"SIM", "FID", "FEC-FR"}) {
        for (const auto& group : source.groups) {
            if (group.ssrcs.empty() || !equals_ignoring_case(group.semantics, semantics)) continue;
            if (semantics == std::string_view("SIM")) return group.ssrcs;
            return {group.ssrcs.front()};
        }
    }
    for (const auto& s : source.sources) {
        if (s.ssrc != 0) return {s.ssrc};
    }
    return {};
}

Result<std::optional<MediaSource>> make_video(const xmpp::colibri2::MediaSource& source,
                                              const EndpointId& owner) {
    for (const auto& group : source.groups) {
        if (is_repair(group) && group.ssrcs.size() < 2) {
            return fail("an " + group.semantics + " group of " + source.id +
                        " has fewer than two sources");
        }
    }
    MediaSource out;
    out.name = SourceName(source.id);
    out.owner = owner;
    out.type = MediaType::video;
    for (const auto& s : source.sources) {
        if (s.video_type.empty()) continue;
        const auto type = video_type_named(s.video_type);
        if (!type) return fail("videoType " + s.video_type + " is unknown");
        out.video_type = *type;
        break;
    }
    for (const std::uint32_t primary : first_set(source)) {
        Encoding encoding{Ssrc(primary), std::nullopt};
        for (const auto& group : source.groups) {
            if (equals_ignoring_case(group.semantics, "FID") && group.ssrcs.front() == primary) {
                encoding.rtx = Ssrc(group.ssrcs[1]);
                break;
            }
        }
        out.encodings.push_back(encoding);
    }
    if (out.encodings.empty()) return std::optional<MediaSource>{};
    return std::optional<MediaSource>(std::move(out));
}

}  // namespace

void add_media(MediaFormats& formats, const xmpp::RtpDescription& media) {
    const MediaType of_element = media.media == "audio" ? MediaType::audio : MediaType::video;
    for (const auto& type : media.payload_types) {
        if (type.id >= formats.by_pt.size()) continue;
        formats.by_pt[type.id] = NegotiatedFormat{to_format(type), of_element};
    }
    for (const auto& extension : media.header_extensions) {
        // 15 means "stop" in one-byte headers; ids above 255 do not exist (RFC 8285).
        if (extension.id == 0 || extension.id == 15 || extension.id > 255) continue;
        if (const auto known = extension_of(extension.uri)) {
            formats.extensions.set(*known, static_cast<std::uint8_t>(extension.id));
        }
    }
    formats.mixed = media.extmap_allow_mixed ? TwoByteExtensions::yes : TwoByteExtensions::no;
    for (const auto& f : formats.by_pt) {
        if (!f) continue;
        (f->media == MediaType::audio ? formats.accepts_audio : formats.accepts_video) = true;
        formats.pli |= f->format.pli;
        formats.transport_cc |= f->format.transport_cc;
        formats.remb |= f->format.remb;
    }
}

Result<std::vector<MediaSource>> make_sources(
    std::span<const xmpp::colibri2::MediaSource> sources, const EndpointId& owner) {
    if (sources.size() > kMaxSourcesPerEndpoint) return fail("too many sources for one endpoint");
    std::size_t ssrcs = 0;
    std::vector<MediaSource> out;
    for (const auto& source : sources) {
        ssrcs += source.sources.size();
        for (const auto& group : source.groups) ssrcs += group.ssrcs.size();
        // Each SSRC stands once by itself and at most in two groups.
        if (ssrcs > 3 * kMaxSsrcsPerEndpoint) return fail("too many SSRCs for one endpoint");
        if (source.type == "video") {
            auto video = make_video(source, owner);
            if (!video) return video.error();
            if (*video) out.push_back(std::move(**video));
            continue;
        }
        for (const auto& s : source.sources) {
            if (s.ssrc == 0) continue;
            MediaSource audio;
            audio.name = SourceName(source.id);
            audio.owner = owner;
            audio.type = MediaType::audio;
            audio.encodings.push_back({Ssrc(s.ssrc), std::nullopt});
            out.push_back(std::move(audio));
        }
    }
    return out;
}

}  // namespace jmeet::bridge
