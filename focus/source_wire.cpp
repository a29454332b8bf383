#include "focus/source_wire.hpp"

#include <algorithm>
#include <optional>

#include "base/json.hpp"

namespace jmeet::focus {
namespace {

std::string_view name_of(MediaType media) { return media == MediaType::audio ? "audio" : "video"; }

std::optional<MediaType> media_of(std::string_view name) {
    if (name == "audio") return MediaType::audio;
    if (name == "video") return MediaType::video;
    return {};
}

Source from_wire(const xmpp::Source& source, MediaType media) {
    Source out{.ssrc = source.ssrc, .media = media, .name = source.name, .msid = source.msid};
    if (source.video_type == "camera") out.video_type = SourceVideoType::camera;
    if (source.video_type == "desktop") out.video_type = SourceVideoType::desktop;
    return out;
}

xmpp::Source to_wire(const Source& source) {
    xmpp::Source out;
    out.ssrc = source.ssrc;
    out.name = source.name;
    if (source.video_type == SourceVideoType::camera) out.video_type = "camera";
    if (source.video_type == SourceVideoType::desktop) out.video_type = "desktop";
    return out;
}

xmpp::SsrcGroup to_wire(const SourceGroup& group) {
    return {.semantics = group.semantics == GroupSemantics::sim ? "SIM" : "FID",
            .ssrcs = group.ssrcs};
}

void append(xmpp::JingleContent& content, MediaType media, const ConferenceSourceMap& sources) {
    for (const auto& [owner, set] : sources.sets()) {
        for (const Source& source : set.sources) {
            if (source.media != media) continue;
            xmpp::Source wire = to_wire(source);
            wire.msid = source.msid;
            wire.owner = owner;
            content.sources.push_back(std::move(wire));
        }
        for (const SourceGroup& group : set.groups) {
            if (group.media == media) content.groups.push_back(to_wire(group));
        }
    }
}

void write_sources(json::Writer& writer, const EndpointSourceSet& set, MediaType media) {
    writer.begin_array();
    for (const Source& source : set.sources) {
        if (source.media != media) continue;
        writer.begin_object().member("s", source.ssrc);
        if (!source.name.empty()) writer.member("n", source.name);
        if (!source.msid.empty()) writer.member("m", source.msid);
        if (source.video_type == SourceVideoType::desktop) writer.member("v", "d");
        writer.end_object();
    }
    writer.end_array();
}

void write_groups(json::Writer& writer, const EndpointSourceSet& set, MediaType media) {
    writer.begin_array();
    for (const SourceGroup& group : set.groups) {
        if (group.media != media) continue;
        writer.begin_array().value(group.semantics == GroupSemantics::sim ? "s" : "f");
        for (const std::uint32_t ssrc : group.ssrcs) writer.value(ssrc);
        writer.end_array();
    }
    writer.end_array();
}

void write_set(json::Writer& writer, const EndpointSourceSet& set) {
    writer.begin_array();
    write_sources(writer, set, MediaType::video);
    write_groups(writer, set, MediaType::video);
    write_sources(writer, set, MediaType::audio);
    if (std::any_of(set.groups.begin(), set.groups.end(),
                    [](const SourceGroup& g) { return g.media == MediaType::audio; })) {
        write_groups(writer, set, MediaType::audio);
    }
    writer.end_array();
}

std::string media_source_id(const std::string& endpoint_id, const Source& source) {
    if (!source.name.empty()) return source.name;
    return endpoint_id + (source.media == MediaType::audio ? "-a0" : "-v0");
}

}  // namespace

EndpointSourceSet sources_from_jingle(const std::vector<xmpp::JingleContent>& contents) {
    EndpointSourceSet set;
    for (const xmpp::JingleContent& content : contents) {
        const auto media = media_of(content.media());
        if (!media) continue;
        for (const xmpp::Source& source : content.sources) {
            const Source wanted = from_wire(source, *media);
            if (std::find(set.sources.begin(), set.sources.end(), wanted) == set.sources.end()) {
                set.sources.push_back(wanted);
            }
        }
        for (const xmpp::SsrcGroup& group : content.groups) {
            const SourceGroup wanted{
                .semantics = group.semantics == "SIM" ? GroupSemantics::sim : GroupSemantics::fid,
                .ssrcs = group.ssrcs,
                .media = *media};
            if (std::find(set.groups.begin(), set.groups.end(), wanted) == set.groups.end()) {
                set.groups.push_back(wanted);
            }
        }
    }
    return set;
}

void add_sources_to_contents(std::vector<xmpp::JingleContent>& contents,
                             const ConferenceSourceMap& sources) {
    for (xmpp::JingleContent& content : contents) {
        if (const auto media = media_of(content.media())) append(content, *media, sources);
    }
}

std::vector<xmpp::JingleContent> contents_from_sources(const ConferenceSourceMap& sources) {
    std::vector<xmpp::JingleContent> contents;
    for (const MediaType media : {MediaType::audio, MediaType::video}) {
        xmpp::JingleContent content;
        content.name = name_of(media);
        content.description.emplace().media = name_of(media);
        append(content, media, sources);
        if (!content.sources.empty() || !content.groups.empty()) {
            contents.push_back(std::move(content));
        }
    }
    return contents;
}

std::string compact_json(const ConferenceSourceMap& sources) {
    json::Writer writer;
    writer.begin_object().key("sources").begin_object();
    for (const auto& [owner, set] : sources.sets()) {
        writer.key(owner);
        write_set(writer, set);
    }
    writer.end_object().end_object();
    return writer.str();
}

std::string compact_json(const EndpointSourceSet& set) {
    json::Writer writer;
    write_set(writer, set);
    return writer.str();
}

xmpp::Jingle source_change(xmpp::JingleAction action, std::string sid,
                           const ConferenceSourceMap& sources, SourceEncoding encoding) {
    xmpp::Jingle jingle;
    jingle.action = action;
    jingle.sid = std::move(sid);
    if (encoding == SourceEncoding::json) {
        jingle.json_message = compact_json(sources);
    } else {
        jingle.contents = contents_from_sources(sources);
    }
    return jingle;
}

std::vector<xmpp::colibri2::MediaSource> media_sources(const std::string& endpoint_id,
                                                       const EndpointSourceSet& set) {
    std::vector<xmpp::colibri2::MediaSource> out;
    const auto of = [&](const Source& source) -> xmpp::colibri2::MediaSource& {
        const std::string id = media_source_id(endpoint_id, source);
        const std::string_view type = name_of(source.media);
        for (auto& known : out) {
            if (known.id == id && known.type == type) return known;
        }
        xmpp::colibri2::MediaSource& added = out.emplace_back();
        added.type = type;
        added.id = id;
        return added;
    };
    for (const Source& source : set.sources) of(source).sources.push_back(to_wire(source));
    for (const SourceGroup& group : set.groups) {
        const Source* first = group.ssrcs.empty() ? nullptr : set.find(group.ssrcs.front());
        if (first) of(*first).groups.push_back(to_wire(group));
    }
    return out;
}

EndpointSourceSet feedback_sources(const std::vector<xmpp::colibri2::MediaSource>& sources) {
    EndpointSourceSet set;
    for (const auto& source : sources) {
        const auto media = media_of(source.type);
        if (!media) continue;
        for (const xmpp::Source& wire : source.sources) {
            Source feedback = from_wire(wire, *media);
            if (feedback.name.empty()) feedback.name = source.id;
            feedback.msid = "mixedmslabel mixedlabel" + source.type + "0";
            set.sources.push_back(std::move(feedback));
        }
    }
    return set;
}

}  // namespace jmeet::focus
