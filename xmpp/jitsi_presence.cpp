#include "xmpp/jitsi_presence.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

constexpr char kEtherpad[] = "http://jitsi.org/jitmeet/etherpad";

// LIMIT: a client names at most a handful of either.
constexpr std::size_t kMaxCodecs = 16;
constexpr std::size_t kMaxFeatures = 64;
constexpr std::size_t kMaxProperties = 128;

// Jitsi's own elements have no namespace of their own: they stand in the stream's.
const Element* own_child(const Element& presence, std::string_view name) {
    return presence.child(name, presence.ns());
}

std::optional<std::string> own_text(const Element& presence, std::string_view name) {
    const Element* child = own_child(presence, name);
    if (!child) return {};
    std::string text(trimmed(child->text()));
    if (text.empty()) return {};
    return text;
}

std::vector<std::string> split_codecs(std::string_view list) {
    std::vector<std::string> codecs;
    while (!list.empty() && codecs.size() < kMaxCodecs) {
        const auto comma = list.find(',');
        std::string codec = lower(trimmed(list.substr(0, comma)));
        if (!codec.empty()) codecs.push_back(std::move(codec));
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return codecs;
}

std::vector<std::string> parse_codecs(const Element& presence) {
    std::vector<std::string> codecs;
    if (const auto list = own_text(presence, "jitsi_participant_codecList")) {
        codecs = split_codecs(*list);
    } else if (const auto type = own_text(presence, "jitsi_participant_codecType")) {
        codecs = {lower(*type)};
    }
    if (std::find(codecs.begin(), codecs.end(), "vp8") == codecs.end()) codecs.push_back("vp8");
    return codecs;
}

// Missing is muted; present and anything but "true" is not.
bool parse_muted(const Element& presence, std::string_view name) {
    const Element* child = own_child(presence, name);
    return !child || equals_ignoring_case(trimmed(child->text()), "true");
}

}  // namespace

MemberPresence parse_member_presence(const Element& presence) {
    MemberPresence member;
    if (const Element* c = presence.child("c", ns::kCaps)) {
        member.caps = CapsRef{c->get("node"), c->get("ver"), c->get("hash")};
    }
    if (const Element* info = own_child(presence, "SourceInfo")) member.source_info = info->text();
    member.audio_muted = parse_muted(presence, "audiomuted");
    member.video_muted = parse_muted(presence, "videomuted");
    member.region = own_text(presence, "jitsi_participant_region");
    member.stats_id = own_text(presence, "stats-id");
    member.codecs = parse_codecs(presence);
    member.diarize = lower(own_text(presence, "jitsi_participant_diarize").value_or("")) == "true";
    if (const Element* features = own_child(presence, "features")) {
        for (const Element* feature : features->children_named("feature")) {
            if (member.features.size() == kMaxFeatures) break;
            member.features.push_back(feature->get("var"));
        }
    }
    member.status = own_text(presence, "status").value_or("");
    return member;
}

bool FocusPresence::set_property(std::string_view key, std::string_view value) {
    for (auto& [name, old] : properties) {
        if (name != key) continue;
        if (old == value) return false;
        old = value;
        return true;
    }
    properties.emplace_back(key, value);
    return true;
}

std::vector<Element> write_focus_presence(const FocusPresence& presence) {
    std::vector<Element> out;
    if (!presence.shared_document.empty()) {
        out.push_back(Element("etherpad", kEtherpad).set_text(presence.shared_document));
    }
    if (!presence.version.empty()) {
        Element versions("versions", ns::kJitmeet);
        versions.add("component").set("name", "focus").set_text(presence.version);
        out.push_back(std::move(versions));
    }
    Element properties("conference-properties", ns::kFocus);
    for (const auto& [key, value] : presence.properties) {
        properties.add("property").set("key", key).set("value", value);
    }
    out.push_back(std::move(properties));
    if (presence.bridge_not_available) {
        out.push_back(Element("bridgeNotAvailable", ns::kFocus));
    }
    return out;
}

FocusPresence parse_focus_presence(const Element& presence) {
    FocusPresence focus;
    focus.shared_document = presence.child_text("etherpad", kEtherpad);
    if (const Element* versions = presence.child("versions", ns::kJitmeet)) {
        for (const Element* component : versions->children_named("component")) {
            if (component->get("name") == "focus") focus.version = component->text();
        }
    }
    if (const Element* properties = presence.child("conference-properties", ns::kFocus)) {
        for (const Element* property : properties->children_named("property")) {
            if (focus.properties.size() == kMaxProperties) break;
            focus.properties.emplace_back(property->get("key"), property->get("value"));
        }
    }
    focus.bridge_not_available = presence.child("bridgeNotAvailable", ns::kFocus) != nullptr;
    return focus;
}

}  // namespace jmeet::xmpp
