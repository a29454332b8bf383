#include "xmpp/jitsi_source_info.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace jmeet::xmpp {
namespace {

SourceMedia media_by_name(std::string_view name) {
    const auto dash = name.find('-');
    if (dash == std::string_view::npos || dash + 1 == name.size()) return SourceMedia::unknown;
    const char kind = name[dash + 1];
    return kind == 'a' ? SourceMedia::audio : kind == 'v' ? SourceMedia::video
                                                          : SourceMedia::unknown;
}

SourceMedia media_of(std::string_view name, const json::Value& value) {
    if (const auto explicit_type = json::get_string(value, "mediaType")) {
        const std::string type = lower(*explicit_type);
        if (type == "audio") return SourceMedia::audio;
        if (type == "video") return SourceMedia::video;
    }
    return media_by_name(name);
}

}  // namespace

std::optional<std::vector<SourceInfo>> parse_source_info(std::string_view text) {
    const auto document = json::parse_object(text, {.max_size = kMaxSourceInfoBytes});
    if (!document) return {};
    std::vector<SourceInfo> sources;
    for (const auto& member : document->GetObject()) {
        if (!member.value.IsObject()) return {};
        SourceInfo info;
        info.name.assign(member.name.GetString(), member.name.GetStringLength());
        info.muted = json::get_bool(member.value, "muted").value_or(true);
        info.media = media_of(info.name, member.value);
        if (const json::Value* type = json::find(member.value, "videoType")) {
            if (!type->IsString()) return {};
            info.video_type = lower(json::as_string(*type).value_or(""));
            if (info.video_type != "camera" && info.video_type != "desktop") return {};
        }
        sources.push_back(std::move(info));
    }
    return sources;
}

bool is_muted(const std::vector<SourceInfo>& sources, SourceMedia media) {
    return std::none_of(sources.begin(), sources.end(), [&](const SourceInfo& info) {
        return info.media == media && !info.muted;
    });
}

}  // namespace jmeet::xmpp
