#include "xmpp/jitsi_conference.hpp"

#include <algorithm>
#include <charconv>

#include "base/json.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

// "room@service". The last '@' divides; a local part with another '@' in it is no room.
Result<Jid> parse_room(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || text.find('@') != at) {
        return fail("Invalid 'room'.");
    }
    auto jid = Jid::parse(text);
    if (!jid || !jid->is_bare() || jid->node().empty()) return fail("Invalid 'room'.");
    return *std::move(jid);
}

bool is_true(std::string_view text) {
    constexpr std::string_view kTrue = "true";
    return std::equal(text.begin(), text.end(), kTrue.begin(), kTrue.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
}

void set_text(Element& element, std::string_view name, const std::string& value) {
    if (!value.empty()) element.set(name, value);
}

void set_text(json::Writer& writer, std::string_view name, const std::string& value) {
    if (!value.empty()) writer.member(name, value);
}

// A property of the HTTP request: clients send numbers and booleans as such.
std::optional<std::string> property_text(const json::Value& value) {
    if (value.IsString()) return std::string(value.GetString(), value.GetStringLength());
    if (value.IsBool() || value.IsNumber()) return json::to_string(value);
    return {};
}

}  // namespace

std::optional<std::string> ConferenceIq::property(std::string_view name) const {
    for (const auto& [key, value] : properties) {
        if (key == name) return value;
    }
    return {};
}

std::optional<int> ConferenceIq::property_int(std::string_view name) const {
    const auto text = property(name);
    if (!text) return {};
    int value = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (failed != std::errc{} || end != text->data() + text->size()) return {};
    return value;
}

bool ConferenceIq::property_bool(std::string_view name, bool absent) const {
    const auto text = property(name);
    return text ? is_true(*text) : absent;
}

void ConferenceIq::set_property(std::string_view name, std::string_view value) {
    for (auto& [key, old] : properties) {
        if (key != name) continue;
        old = value;
        return;
    }
    properties.emplace_back(name, value);
}

Result<ConferenceIq> parse_conference(const Element& conference) {
    if (!conference.is("conference", ns::kFocus)) return fail("no conference element");
    ConferenceIq iq;
    const std::string& room = conference.get("room");
    if (room.empty()) return fail("No 'room' specified.");
    auto jid = parse_room(room);
    if (!jid) return jid.error();
    iq.room = *std::move(jid);
    iq.machine_uid = conference.get("machine-uid");
    iq.session_id = conference.get("session-id");
    iq.identity = conference.get("identity");
    iq.token = conference.get("token");
    if (conference.attribute("ready")) iq.ready = conference.get_bool("ready");
    iq.focus_jid = conference.get("focusjid");
    iq.vnode = conference.get("vnode");
    for (const Element* property : conference.children_named("property", ns::kFocus)) {
        if (iq.properties.size() == kMaxConferenceProperties) break;
        if (!property->get("name").empty()) {
            iq.properties.emplace_back(property->get("name"), property->get("value"));
        }
    }
    return iq;
}

Element write_conference(const ConferenceIq& iq) {
    Element element("conference", ns::kFocus);
    if (!iq.room.empty()) element.set("room", iq.room.to_string());
    set_text(element, "machine-uid", iq.machine_uid);
    set_text(element, "session-id", iq.session_id);
    set_text(element, "identity", iq.identity);
    set_text(element, "token", iq.token);
    set_text(element, "focusjid", iq.focus_jid);
    if (iq.ready) element.set("ready", *iq.ready ? "true" : "false");
    set_text(element, "vnode", iq.vnode);
    for (const auto& [name, value] : iq.properties) {
        Element& property = element.add("property");
        property.set("name", name);
        property.set("value", value);
    }
    return element;
}

Result<ConferenceIq> parse_conference_json(std::string_view text) {
    auto document = json::parse_object(text);
    if (!document) return document.error();
    const auto get = [&](std::string_view name) {
        return std::string(json::get_string(*document, name).value_or(""));
    };
    ConferenceIq iq;
    const std::string room = get("room");
    if (room.empty()) return fail("No 'room' specified.");
    auto jid = parse_room(room);
    if (!jid) return jid.error();
    iq.room = *std::move(jid);
    iq.machine_uid = get("machineUid");
    iq.session_id = get("sessionId");
    iq.identity = get("identity");
    iq.ready = json::get_bool(*document, "ready");
    iq.focus_jid = get("focusJid");
    iq.vnode = get("vnode");
    if (const json::Value* properties = json::get_object(*document, "properties")) {
        for (const auto& member : properties->GetObject()) {
            if (iq.properties.size() == kMaxConferenceProperties) break;
            if (auto value = property_text(member.value)) {
                iq.properties.emplace_back(member.name.GetString(), *std::move(value));
            }
        }
    }
    return iq;
}

std::string write_conference_json(const ConferenceIq& iq) {
    json::Writer writer;
    writer.begin_object();
    if (!iq.room.empty()) writer.member("room", iq.room.to_string());
    if (iq.ready) writer.member("ready", *iq.ready);
    set_text(writer, "focusJid", iq.focus_jid);
    set_text(writer, "sessionId", iq.session_id);
    set_text(writer, "machineUid", iq.machine_uid);
    set_text(writer, "identity", iq.identity);
    set_text(writer, "vnode", iq.vnode);
    if (!iq.properties.empty()) {
        writer.key("properties").begin_object();
        for (const auto& [name, value] : iq.properties) writer.member(name, value);
        writer.end_object();
    }
    writer.end_object();
    return writer.str();
}

LoginUrl parse_login_url(const Element& element) {
    return {.room = element.get("room"),
            .machine_uid = element.get("machine-uid"),
            .popup = element.get_bool("popup"),
            .url = element.get("url")};
}

Element write_login_url(const LoginUrl& login_url) {
    Element element("login-url", ns::kFocus);
    set_text(element, "url", login_url.url);
    set_text(element, "room", login_url.room);
    set_text(element, "machine-uid", login_url.machine_uid);
    if (login_url.popup) element.set("popup", "true");
    return element;
}

Logout parse_logout(const Element& element) {
    return {.session_id = element.get("session-id"), .logout_url = element.get("logout-url")};
}

Element write_logout(const Logout& logout) {
    Element element("logout", ns::kFocus);
    set_text(element, "session-id", logout.session_id);
    set_text(element, "logout-url", logout.logout_url);
    return element;
}

Element session_invalid() { return Element("session-invalid", ns::kFocus); }

}  // namespace jmeet::xmpp
