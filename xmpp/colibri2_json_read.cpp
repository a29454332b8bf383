#include <spdlog/fmt/fmt.h>

#include <charconv>

#include "base/json.hpp"
#include "xmpp/colibri2_json.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp::colibri2 {
namespace {

using json::Value;

// A JSON object whose members become attributes and children of one element. The first wrong type
// is kept as the error; what follows it does not matter any more.
class ObjectReader {
 public:
    ObjectReader(const Value& object, Element& element, std::optional<Error>& error)
        : object_(object), element_(element), error_(error) {}

    Element& element() { return element_; }
    std::optional<Error>& error() { return error_; }
    bool has(std::string_view name) const { return json::find(object_, name) != nullptr; }

    void text(std::string_view name) {
        const Value* value = json::find(object_, name);
        if (!value) return;
        if (!value->IsString()) return refuse(name, "a string");
        element_.set(name, *json::as_string(*value));
    }
    void flag(std::string_view name) {
        const Value* value = json::find(object_, name);
        if (!value) return;
        if (!value->IsBool()) return refuse(name, "a boolean");
        element_.set(name, value->GetBool() ? "true" : "false");
    }
    void number(std::string_view name) {
        const Value* value = json::find(object_, name);
        if (!value) return;
        const auto number = json::as_int(*value);
        if (!number) return refuse(name, "a number");
        element_.set(name, *number);
    }
    // Every member that is no object and no array, whatever its name.
    void all_scalars() {
        for (const auto& member : object_.GetObject()) {
            if (auto text = scalar(member.value)) {
                element_.set(member.name.GetString(), *text);
            }
        }
    }

    // read(reader of the child) for the object `name`.
    template <class Read>
    void object(std::string_view name, Element child, Read read) {
        const Value* value = json::find(object_, name);
        if (!value) return;
        if (!value->IsObject()) return refuse(name, "an object");
        ObjectReader reader(*value, element_.add(std::move(child)), error_);
        read(reader);
    }
    // read(reader of the child) for each object of the array `name`.
    template <class Read>
    void objects(std::string_view name, const Element& child, Read read) {
        each(name, [&](const Value& item) {
            if (!item.IsObject()) return refuse(name, "an array of objects");
            ObjectReader reader(item, element_.add(child), error_);
            read(reader);
        });
    }
    // use(value) for each item of the array `name`.
    template <class Use>
    void each(std::string_view name, Use use) {
        const Value* value = json::find(object_, name);
        if (!value) return;
        if (!value->IsArray()) return refuse(name, "an array");
        for (const auto& item : value->GetArray()) {
            if (error_) return;
            use(item);
        }
    }
    // The members of the object `name` as <parameter name value/>; "null" is the nameless one.
    void parameters(std::string_view name) {
        const Value* value = json::find(object_, name);
        if (!value) return;
        if (!value->IsObject()) return refuse(name, "an object");
        for (const auto& member : value->GetObject()) {
            Element& parameter = element_.add("parameter");
            const std::string_view key(member.name.GetString(), member.name.GetStringLength());
            if (key != "null") parameter.set("name", key);
            if (auto text = scalar(member.value)) parameter.set("value", *text);
        }
    }
    void refuse(std::string_view name, std::string_view wanted) {
        if (!error_) error_ = fail(fmt::format("{} '{}' is not {}", element_.name(), name, wanted));
    }
    const Value& value() const { return object_; }

    static std::optional<std::string> scalar(const Value& value) {
        if (value.IsObject() || value.IsArray() || value.IsNull()) return {};
        if (value.IsString()) return std::string(*json::as_string(value));
        return json::to_string(value);
    }

 private:
    const Value& object_;
    Element& element_;
    std::optional<Error>& error_;
};

// A number or a numeric string, reduced to 32 bits; empty for neither.
std::optional<std::uint32_t> read_ssrc(const Value& value) {
    if (const auto number = json::as_int(value)) return static_cast<std::uint32_t>(*number);
    const auto text = json::as_string(value);
    if (!text) return {};
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (failed != std::errc{} || end != text->data() + text->size()) return {};
    return static_cast<std::uint32_t>(number);
}

// COMPAT: this value means "no SSRC" to JVBs.
constexpr std::uint32_t kNoSsrc = 0xffff'ffff;

void set_ssrc(Element& source, std::uint32_t ssrc) {
    if (ssrc != kNoSsrc) source.set("ssrc", std::int64_t{ssrc});
}

void read_source(ObjectReader& parent, const Value& item) {
    Element source("source", ns::kJingleSsma);
    if (const auto bare = read_ssrc(item)) {
        set_ssrc(source, *bare);
    } else if (item.IsObject()) {
        ObjectReader reader(item, source, parent.error());
        if (const Value* ssrc = json::find(item, "ssrc")) {
            const auto number = read_ssrc(*ssrc);
            if (!number) return reader.refuse("ssrc", "a number");
            set_ssrc(source, *number);
        }
        reader.text("name");
        reader.text("videoType");
        reader.text("rid");
        reader.parameters("parameters");
    } else {
        return parent.refuse("sources", "an array of numbers or objects");
    }
    parent.element().add(std::move(source));
}

void read_ssrc_group(ObjectReader& group) {
    group.text("semantics");
    group.each("sources", [&](const Value& item) {
        const auto ssrc = read_ssrc(item);
        if (!ssrc) return group.refuse("sources", "an array of numbers");
        set_ssrc(group.element().add("source", ns::kJingleSsma), *ssrc);
    });
}

void read_media_source(ObjectReader& source) {
    source.text("type");
    source.text("id");
    source.flag("synthetic");
    source.each("sources", [&](const Value& item) { read_source(source, item); });
    source.objects("ssrc-groups", Element("ssrc-group", ns::kJingleSsma), read_ssrc_group);
}

// In XML a list stands in an element of its own, also when it is empty.
void read_sources(ObjectReader& parent) {
    if (!parent.has("sources")) return;
    ObjectReader list(parent.value(), parent.element().add("sources"), parent.error());
    list.objects("sources", Element("media-source"), read_media_source);
}

void read_payload_type(ObjectReader& type) {
    type.all_scalars();
    type.parameters("parameters");
    type.objects("rtcp-fbs", Element("rtcp-fb", ns::kJingleRtcpFb),
                 [](ObjectReader& feedback) { feedback.all_scalars(); });
}

void read_media(ObjectReader& media) {
    media.text("type");
    media.objects("payload-types", Element("payload-type", ns::kJingleRtp), read_payload_type);
    media.each("rtp-hdrexts", [&](const Value& item) {
        // COMPAT: a JVB passes over an entry without a numeric id or without a uri.
        const auto id = json::get_int(item, "id");
        const auto uri = json::get_string(item, "uri");
        if (!id || !uri) return;
        media.element().add("rtp-hdrext", ns::kJingleHdrExt).set("id", *id).set("uri", *uri);
    });
    // COMPAT: its presence counts, whatever its value.
    if (media.has("extmap-allow-mixed")) {
        media.element().add("extmap-allow-mixed", ns::kJingleHdrExt);
    }
}

void read_fingerprint(ObjectReader& fingerprint) {
    fingerprint.text("hash");
    fingerprint.text("setup");
    fingerprint.flag("cryptex");
    if (const auto hex = json::get_string(fingerprint.value(), "fingerprint")) {
        fingerprint.element().set_text(std::string(*hex));
    }
}

void read_web_socket(ObjectReader& transport, const Value& item) {
    const auto text = json::as_string(item);
    if (!text) return transport.refuse("web-sockets", "an array of strings");
    Element& socket = transport.element().add("web-socket", ns::kColibri);
    if (*text == "active") {
        socket.set("active", "true");
    } else {
        socket.set("url", *text);
    }
}

void read_ice_transport(ObjectReader& transport) {
    transport.all_scalars();
    transport.element().remove_attribute("xmlns");
    transport.element().remove_attribute("rtcp-mux");
    if (json::get_bool(transport.value(), "rtcp-mux").value_or(false)) {
        transport.element().add("rtcp-mux");
    }
    transport.objects("fingerprints", Element("fingerprint", ns::kJingleDtls), read_fingerprint);
    transport.each("web-sockets", [&](const Value& item) { read_web_socket(transport, item); });
    transport.objects("candidates", Element("candidate"),
                      [](ObjectReader& candidate) { candidate.all_scalars(); });
    transport.object("remote-candidate", Element("remote-candidate"),
                     [](ObjectReader& candidate) { candidate.all_scalars(); });
}

void read_transport(ObjectReader& transport) {
    transport.flag("ice-controlling");
    transport.flag("use-unique-port");
    transport.flag("ice-restart");
    // COMPAT: without its namespace the inner transport is passed over.
    const Value* inner = json::get_object(transport.value(), "transport");
    if (inner && json::get_string(*inner, "xmlns") == ns::kJingleIceUdp) {
        transport.object("transport", Element("transport", ns::kJingleIceUdp), read_ice_transport);
    }
    transport.object("sctp", Element("sctp"), [](ObjectReader& sctp) {
        sctp.number("port");
        sctp.text("role");
    });
}

void read_headers(ObjectReader& headers, Element& connect) {
    for (const auto& member : headers.value().GetObject()) {
        const std::string_view name(member.name.GetString(), member.name.GetStringLength());
        const auto value = json::as_string(member.value);
        if (!value) return headers.refuse(name, "a string");
        connect.add("http-header").set("name", name).set("value", *value);
    }
}

// <exports><export name=.../>...: a list of names in JSON.
void read_names(ObjectReader& connect, std::string_view list, std::string_view item) {
    if (!connect.has(list)) return;
    Element names{std::string(list)};
    connect.each(list, [&](const Value& value) {
        const auto name = json::as_string(value);
        if (!name) return connect.refuse(list, "an array of strings");
        names.add(std::string(item)).set("name", *name);
    });
    connect.element().add(std::move(names));
}

void read_connect(ObjectReader& connect) {
    for (const char* name : {"id", "url", "protocol", "type"}) connect.text(name);
    for (const char* name : {"create", "expire", "audio", "video", "diarize"}) connect.flag(name);
    if (const Value* headers = json::find(connect.value(), "headers")) {
        if (!headers->IsObject()) return connect.refuse("headers", "an object");
        ObjectReader reader(*headers, connect.element(), connect.error());
        read_headers(reader, connect.element());
    }
    connect.object("ping", Element("ping"), [](ObjectReader& ping) {
        ping.number("interval");
        ping.number("timeout");
    });
    read_names(connect, "exports", "export");
    read_names(connect, "requests", "request");
}

// What endpoints and relays have in common.
void read_peer(ObjectReader& peer) {
    peer.text("id");
    peer.flag("create");
    peer.flag("expire");
    peer.objects("medias", Element("media"), read_media);
    peer.object("transport", Element("transport"), read_transport);
}

void read_endpoint(ObjectReader& endpoint) {
    read_peer(endpoint);
    endpoint.text("stats-id");
    endpoint.text("muc-role");
    read_sources(endpoint);
    endpoint.object("force-mute", Element("force-mute"), [](ObjectReader& mute) {
        mute.flag("audio");
        mute.flag("video");
    });
    endpoint.each("capabilities", [&](const Value& item) {
        const auto name = json::as_string(item);
        if (!name) return endpoint.refuse("capabilities", "an array of strings");
        endpoint.element().add("capability").set("name", *name);
    });
    endpoint.object("initial-last-n", Element("initial-last-n"),
                    [](ObjectReader& last_n) { last_n.number("value"); });
}

void read_relay(ObjectReader& relay) {
    read_peer(relay);
    relay.text("mesh-id");
    if (!relay.has("endpoints")) return;
    ObjectReader list(relay.value(), relay.element().add("endpoints"), relay.error());
    list.objects("endpoints", Element("endpoint"), read_endpoint);
}

void read_conference(ObjectReader& conference) {
    conference.text("meeting-id");
    conference.text("name");
    conference.flag("create");
    conference.flag("expire");
    conference.flag("rtcstats-enabled");
    conference.objects("endpoints", Element("endpoint"), read_endpoint);
    conference.objects("relays", Element("relay"), read_relay);
    if (conference.has("connects")) {
        ObjectReader list(conference.value(), conference.element().add("connects"),
                          conference.error());
        list.objects("connects", Element("connect"), read_connect);
    }
}

std::size_t count_elements(const Element& element) {
    std::size_t count = 1;
    for (const Element& child : element.children()) count += count_elements(child);
    return count;
}

}  // namespace

Result<Element> read_json_request(std::string_view text) {
    const auto document = json::parse_object(text);
    if (!document) return document.error();
    Element element("conference-modify", ns::kColibri2);
    std::optional<Error> error;
    ObjectReader reader(*document, element, error);
    read_conference(reader);
    if (error) return *error;
    if (count_elements(element) > kMaxStanzaElements) return fail("the request is too large");
    return element;
}

}  // namespace jmeet::xmpp::colibri2
