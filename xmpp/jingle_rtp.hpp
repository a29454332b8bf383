// Media descriptions and sources as they stand in Jingle (XEP-0167, -0293, -0294, -0339) and
// again, element for element, in COLIBRI2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "xmpp/element.hpp"

namespace jmeet::xmpp {

struct RtcpFeedback {
    std::string type;     // "nack", "ccm", "transport-cc", "goog-remb"
    std::string subtype;  // "pli", "fir" or empty
    bool operator==(const RtcpFeedback&) const = default;
};

struct Parameter {
    std::string name;  // may be empty: RED's <parameter value='111/111'/>
    std::string value;
    bool operator==(const Parameter&) const = default;
};

struct PayloadType {
    std::uint8_t id = 0;
    std::string name;
    std::uint32_t clockrate = 0;
    std::optional<std::uint32_t> channels;
    std::vector<Parameter> parameters;
    std::vector<RtcpFeedback> feedback;
    bool operator==(const PayloadType&) const = default;
};

struct HeaderExtension {
    std::uint16_t id = 0;
    std::string uri;
    bool operator==(const HeaderExtension&) const = default;
};

// What a <description> or a COLIBRI2 <media> says of one media type, without sources.
struct RtpDescription {
    std::string media;  // "audio" or "video" ("application" in Jingle's data content)
    std::vector<PayloadType> payload_types;
    std::vector<HeaderExtension> header_extensions;
    bool extmap_allow_mixed = false;
    bool operator==(const RtpDescription&) const = default;
};

struct Source {
    std::uint32_t ssrc = 0;
    std::string name;
    std::string video_type;  // "camera", "desktop" or empty
    std::string msid;        // of <parameter name='msid'/>; empty where absent
    // Written as Jitsi's <ssrc-info owner/> unless empty. Never read: the sender decides.
    std::string owner;
    bool operator==(const Source&) const = default;
};

struct SsrcGroup {
    std::string semantics;  // "SIM", "FID", "FEC-FR"
    std::vector<std::uint32_t> ssrcs;
    bool operator==(const SsrcGroup&) const = default;
};

// Readers take the parent element; a malformed child is the error, an unknown one is skipped.
Result<PayloadType> parse_payload_type(const Element& element);
Result<RtpDescription> parse_rtp_children(const Element& parent, std::string media);
Result<Source> parse_source(const Element& element);
Result<SsrcGroup> parse_ssrc_group(const Element& element);

// The <source> and <ssrc-group> children in any order. Sources without an SSRC (Firefox'
// rids) are skipped.
// LIMIT: kMaxSourcesPerParent each; Jitsi's own limit is 20 sources per participant.
inline constexpr std::size_t kMaxSourcesPerParent = 200;
Result<void> parse_sources(const Element& parent, std::vector<Source>& sources,
                           std::vector<SsrcGroup>& groups);

// Writers append to the parent in upstream's order: payload types, extensions, allow-mixed.
void write_rtp_children(Element& parent, const RtpDescription& description);
Element write_source(const Source& source);
Element write_ssrc_group(const SsrcGroup& group);

}  // namespace jmeet::xmpp
