#include "xmpp/jitsi_json_message.hpp"

#include "base/json.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

constexpr json::Limits kLimits{
    .max_size = kMaxJsonMessageBytes, .max_depth = 32, .max_members = 4'096};

// The text up to the brace that closes the first object; all of it if none does. COMPAT: some
// Prosody versions appended a stray brace.
std::string_view first_object(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && depth && --depth == 0) {
            return text.substr(0, i + 1);
        }
    }
    return text;
}

// Refuses what is no object or has another type.
Result<json::Document> parse_typed(std::string_view text, std::string_view type) {
    if (text.size() > kMaxJsonMessageBytes) return fail("json-message too large");
    auto document = json::parse_object(first_object(text), kLimits);
    if (!document) return document.error();
    const auto found = json::get_string(*document, "type");
    if (!found) return fail("json-message without type");
    if (*found != type) return fail("json-message of type " + std::string(*found));
    return document;
}

// Strings only; anything else in the array is skipped.
std::vector<std::string> strings(const json::Value& array) {
    std::vector<std::string> out;
    for (const json::Value& value : array.GetArray()) {
        if (const auto text = json::as_string(value)) out.emplace_back(*text);
    }
    return out;
}

std::optional<bool> nested_bool(const json::Value& object, std::string_view outer,
                                std::string_view inner) {
    const json::Value* value = json::get_object(object, outer);
    return value ? json::get_bool(*value, inner) : std::nullopt;
}

void read_metadata(const json::Value& metadata, RoomMetadata& out) {
    if (const json::Value* muted = json::get_object(metadata, "startMuted")) {
        out.start_muted = RoomMetadata::StartMutedPolicy{json::get_bool(*muted, "audio"),
                                                         json::get_bool(*muted, "video")};
    }
    out.lobby_enabled = json::get_bool(metadata, "lobbyEnabled").value_or(false);
    out.visitors_live = nested_bool(metadata, "visitors", "live");
    out.visitors_enabled = json::get_bool(metadata, "visitorsEnabled");
    if (const auto limit = json::get_u32(metadata, "participantsSoftLimit")) {
        out.participants_soft_limit = static_cast<int>(std::min(*limit, 1'000'000'000U));
    }
    if (const json::Value* list = json::get_array(metadata, "moderators")) {
        out.moderators = strings(*list);
    }
    if (const json::Value* list = json::get_array(metadata, "participants")) {
        out.participants = strings(*list);
    }
    out.transcribing_enabled =
        nested_bool(metadata, "recording", "isTranscribingEnabled").value_or(false);
    out.async_transcription = json::get_bool(metadata, "asyncTranscription").value_or(false);
}

}  // namespace

const Element* find_json_message(const Element& message) {
    return message.child("json-message", ns::kJitmeet);
}

Result<RoomMetadata> parse_room_metadata(std::string_view text) {
    auto document = parse_typed(text, "room_metadata");
    if (!document) return document.error();
    RoomMetadata metadata;
    if (const json::Value* object = json::get_object(*document, "metadata")) {
        read_metadata(*object, metadata);
    }
    return metadata;
}

Result<AvModeration> parse_av_moderation(std::string_view text) {
    auto document = parse_typed(text, "av_moderation");
    if (!document) return document.error();
    AvModeration message;
    message.room = json::get_string(*document, "room").value_or("");
    message.actor = json::get_string(*document, "actor").value_or("");
    const auto enabled = json::get_bool(*document, "enabled");
    if (const auto name = json::get_string(*document, "mediaType")) {
        const auto media = parse_mute_media(*name);
        if (!media) return fail("unknown mediaType");
        message.media = *media;
        message.enabled = enabled;
    }
    if (const json::Value* lists = json::get_object(*document, "whitelists")) {
        for (const auto& member : lists->GetObject()) {
            const auto media = parse_mute_media(json::as_string(member.name).value_or(""));
            if (!media) return fail("unknown media in whitelists");
            if (!member.value.IsArray()) return fail("a whitelist is no list");
            message.whitelists.emplace_back(*media, strings(member.value));
        }
    }
    return message;
}

}  // namespace jmeet::xmpp
