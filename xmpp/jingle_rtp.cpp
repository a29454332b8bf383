#include "xmpp/jingle_rtp.hpp"

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

// LIMIT: Chromium's answers list some 20 payload types and as many extensions per media type.
constexpr std::size_t kMaxPayloadTypes = 128;
constexpr std::size_t kMaxHeaderExtensions = 256;
constexpr std::size_t kMaxParameters = 64;
constexpr std::size_t kMaxFeedback = 64;

Error malformed(const Element& element, std::string_view attribute) {
    return fail(element.name() + " with a missing or malformed '" + std::string(attribute) +
                "': '" + element.get(attribute) + "'");
}

bool is_media_child(const Element& element, std::string_view name) {
    return element.name() == name && element.ns() == ns::kJingleRtp;
}

Element write_payload_type(const PayloadType& type) {
    Element element("payload-type", ns::kJingleRtp);
    element.set("id", std::int64_t{type.id});
    if (!type.name.empty()) element.set("name", type.name);
    if (type.clockrate) element.set("clockrate", std::int64_t{type.clockrate});
    if (type.channels) element.set("channels", std::int64_t{*type.channels});
    const auto parameters = [&] {
        for (const Parameter& p : type.parameters) {
            Element& child = element.add("parameter");
            if (!p.name.empty()) child.set("name", p.name);
            child.set("value", p.value);
        }
    };
    const auto feedback = [&] {
        for (const RtcpFeedback& f : type.feedback) {
            Element& child = element.add("rtcp-fb", ns::kJingleRtcpFb);
            child.set("type", f.type);
            if (!f.subtype.empty()) child.set("subtype", f.subtype);
        }
    };
    // COMPAT: Jicofo writes H264's feedback before its parameter and all others' after.
    if (type.name == "H264") {
        feedback();
        parameters();
    } else {
        parameters();
        feedback();
    }
    return element;
}

Result<std::uint32_t> parse_ssrc(const Element& element) {
    const auto ssrc = element.get_u32("ssrc");
    if (!ssrc) return fail("Invalid SSRC: " + element.attribute("ssrc").value_or("-1") + ".");
    return *ssrc;
}

}  // namespace

Result<PayloadType> parse_payload_type(const Element& element) {
    PayloadType type;
    const auto id = element.get_int("id");
    if (!id || *id < 0 || *id > 127) return malformed(element, "id");
    type.id = static_cast<std::uint8_t>(*id);
    type.name = element.get("name");
    type.clockrate = element.get_u32("clockrate").value_or(0);
    type.channels = element.get_u32("channels");
    for (const Element& child : element.children()) {
        if (child.name() == "parameter") {
            if (type.parameters.size() == kMaxParameters) return fail("too many parameters");
            type.parameters.push_back({child.get("name"), child.get("value")});
        } else if (child.name() == "rtcp-fb") {
            if (type.feedback.size() == kMaxFeedback) return fail("too many rtcp-fb");
            type.feedback.push_back({child.get("type"), child.get("subtype")});
        }
    }
    return type;
}

Result<RtpDescription> parse_rtp_children(const Element& parent, std::string media) {
    RtpDescription description;
    description.media = std::move(media);
    for (const Element& child : parent.children()) {
        if (is_media_child(child, "payload-type")) {
            auto type = parse_payload_type(child);
            if (!type) return type.error();
            if (description.payload_types.size() == kMaxPayloadTypes) {
                return fail("too many payload types");
            }
            description.payload_types.push_back(*std::move(type));
        } else if (child.is("rtp-hdrext", ns::kJingleHdrExt)) {
            const auto id = child.get_int("id");
            if (!id || *id < 1 || *id > 255) return malformed(child, "id");
            if (description.header_extensions.size() == kMaxHeaderExtensions) {
                return fail("too many header extensions");
            }
            description.header_extensions.push_back(
                {static_cast<std::uint16_t>(*id), child.get("uri")});
        } else if (child.is("extmap-allow-mixed", ns::kJingleHdrExt)) {
            description.extmap_allow_mixed = true;
        }
    }
    return description;
}

Result<Source> parse_source(const Element& element) {
    const auto ssrc = parse_ssrc(element);
    if (!ssrc) return ssrc.error();
    Source source;
    source.ssrc = *ssrc;
    source.name = element.get("name");
    source.video_type = element.get("videoType");
    // COMPAT: clients write <parameter/> in the namespace of the source, the focus in the one of
    // Jingle RTP. The first msid counts.
    for (const Element& child : element.children()) {
        if (child.name() != "parameter" || child.get("name") != "msid") continue;
        source.msid = child.get("value");
        break;
    }
    return source;
}

Result<SsrcGroup> parse_ssrc_group(const Element& element) {
    SsrcGroup group;
    group.semantics = element.get("semantics");
    for (const Element& child : element.children()) {
        if (child.name() != "source") continue;
        const auto ssrc = parse_ssrc(child);
        if (!ssrc) return ssrc.error();
        if (group.ssrcs.size() == kMaxSourcesPerParent) return fail("too many sources in a group");
        group.ssrcs.push_back(*ssrc);
    }
    return group;
}

Result<void> parse_sources(const Element& parent, std::vector<Source>& sources,
                           std::vector<SsrcGroup>& groups) {
    for (const Element& child : parent.children()) {
        if (child.ns() != ns::kJingleSsma) continue;
        if (child.name() == "source") {
            if (!child.attribute("ssrc")) continue;
            auto source = parse_source(child);
            if (!source) return source.error();
            if (sources.size() == kMaxSourcesPerParent) return fail("too many sources");
            sources.push_back(*std::move(source));
        } else if (child.name() == "ssrc-group") {
            auto group = parse_ssrc_group(child);
            if (!group) return group.error();
            if (groups.size() == kMaxSourcesPerParent) return fail("too many groups");
            groups.push_back(*std::move(group));
        }
    }
    return {};
}

void write_rtp_children(Element& parent, const RtpDescription& description) {
    for (const PayloadType& type : description.payload_types) parent.add(write_payload_type(type));
    for (const HeaderExtension& extension : description.header_extensions) {
        Element& child = parent.add("rtp-hdrext", ns::kJingleHdrExt);
        child.set("id", std::int64_t{extension.id});
        child.set("uri", extension.uri);
    }
    if (description.extmap_allow_mixed) parent.add("extmap-allow-mixed", ns::kJingleHdrExt);
}

Element write_source(const Source& source) {
    Element element("source", ns::kJingleSsma);
    element.set("ssrc", std::int64_t{source.ssrc});
    if (!source.name.empty()) element.set("name", source.name);
    if (!source.video_type.empty()) element.set("videoType", source.video_type);
    if (!source.owner.empty()) element.add("ssrc-info", ns::kJitmeet).set("owner", source.owner);
    if (!source.msid.empty()) {
        Element& parameter = element.add("parameter", ns::kJingleRtp);
        parameter.set("name", "msid");
        parameter.set("value", source.msid);
    }
    return element;
}

Element write_ssrc_group(const SsrcGroup& group) {
    Element element("ssrc-group", ns::kJingleSsma);
    element.set("semantics", group.semantics);
    for (const std::uint32_t ssrc : group.ssrcs) {
        element.add("source").set("ssrc", std::int64_t{ssrc});
    }
    return element;
}

}  // namespace jmeet::xmpp
