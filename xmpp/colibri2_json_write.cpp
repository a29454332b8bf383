#include <string>

#include "base/json.hpp"
#include "xmpp/colibri2_json.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp::colibri2 {
namespace {

using json::Writer;

void write_text(Writer& out, const Element& element, std::string_view name) {
    if (const auto value = element.attribute(name)) out.member(name, *value);
}

// Booleans at their default are not written.
void write_flag(Writer& out, const Element& element, std::string_view name, bool by_default) {
    const bool value = element.get_bool(name, by_default);
    if (value != by_default) out.member(name, value);
}

void write_number(Writer& out, const Element& element, std::string_view name) {
    if (const auto value = element.get_int(name)) out.member(name, *value);
}

void write_attributes(Writer& out, const Element& element) {
    for (const auto& [name, value] : element.attributes()) out.member(name, value);
}

// The children of that name as an array; nothing where there are none.
template <class Write>
void write_array(Writer& out, std::string_view key, const Element& parent, std::string_view name,
                 Write write) {
    const auto children = parent.children_named(name);
    if (children.empty()) return;
    out.key(key).begin_array();
    for (const Element* child : children) write(out, *child);
    out.end_array();
}

// The same, each an object.
template <class Write>
void write_objects(Writer& out, std::string_view key, const Element& parent, std::string_view name,
                   Write write) {
    write_array(out, key, parent, name, [&](Writer& to, const Element& child) {
        to.begin_object();
        write(to, child);
        to.end_object();
    });
}

void write_parameters(Writer& out, const Element& element) {
    const auto parameters = element.children_named("parameter");
    if (parameters.empty()) return;
    out.key("parameters").begin_object();
    for (const Element* p : parameters) {
        out.member(p->attribute("name").value_or("null"), p->get("value"));
    }
    out.end_object();
}

void write_source(Writer& out, const Element& source) {
    const auto ssrc = source.get_u32("ssrc");
    const bool bare = ssrc && !source.attribute("name") && !source.attribute("rid") &&
                      !source.attribute("videoType") &&
                      source.children_named("parameter").empty();
    if (bare) {
        out.value(*ssrc);
        return;
    }
    out.begin_object();
    if (ssrc) out.member("ssrc", *ssrc);
    write_text(out, source, "name");
    write_text(out, source, "videoType");
    write_text(out, source, "rid");
    write_parameters(out, source);
    out.end_object();
}

void write_ssrc_group(Writer& out, const Element& group) {
    write_text(out, group, "semantics");
    write_array(out, "sources", group, "source", [](Writer& to, const Element& source) {
        to.value(source.get_u32("ssrc").value_or(0));
    });
}

void write_sources(Writer& out, const Element& parent) {
    const Element* list = parent.child("sources", ns::kColibri2);
    if (!list) return;
    out.key("sources").begin_array();
    for (const Element* source : list->children_named("media-source")) {
        out.begin_object();
        write_text(out, *source, "type");
        write_text(out, *source, "id");
        write_flag(out, *source, "synthetic", false);
        write_array(out, "sources", *source, "source", colibri2::write_source);
        write_objects(out, "ssrc-groups", *source, "ssrc-group", write_ssrc_group);
        out.end_object();
    }
    out.end_array();
}

void write_media_object(Writer& out, const Element& media) {
    write_text(out, media, "type");
    write_objects(out, "payload-types", media, "payload-type", [](Writer& to, const Element& type) {
        write_attributes(to, type);
        write_parameters(to, type);
        write_objects(to, "rtcp-fbs", type, "rtcp-fb", write_attributes);
    });
    write_objects(out, "rtp-hdrexts", media, "rtp-hdrext", [](Writer& to, const Element& e) {
        write_number(to, e, "id");
        write_text(to, e, "uri");
    });
    if (media.child("extmap-allow-mixed")) out.member("extmap-allow-mixed", true);
}

void write_ice_transport(Writer& out, const Element& transport) {
    out.member("xmlns", ns::kJingleIceUdp);
    write_attributes(out, transport);
    write_objects(out, "fingerprints", transport, "fingerprint", [](Writer& to, const Element& f) {
        to.member("fingerprint", f.text());
        write_text(to, f, "setup");
        write_text(to, f, "hash");
        write_flag(to, f, "cryptex", false);
    });
    write_objects(out, "candidates", transport, "candidate", write_attributes);
    if (const Element* remote = transport.child("remote-candidate")) {
        out.key("remote-candidate").begin_object();
        write_attributes(out, *remote);
        out.end_object();
    }
    write_array(out, "web-sockets", transport, "web-socket", [](Writer& to, const Element& socket) {
        to.value(socket.get_bool("active") ? "active" : socket.get("url"));
    });
    if (transport.child("rtcp-mux")) out.member("rtcp-mux", true);
}

// COMPAT: the role is in upper case here, as a JVB writes it.
std::string upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

void write_transport_object(Writer& out, const Element& parent) {
    const Element* transport = parent.child("transport", ns::kColibri2);
    if (!transport) return;
    out.key("transport").begin_object();
    for (const char* name : {"use-unique-port", "ice-controlling", "ice-restart"}) {
        write_flag(out, *transport, name, false);
    }
    if (const Element* inner = transport->child("transport", ns::kJingleIceUdp)) {
        out.key("transport").begin_object();
        write_ice_transport(out, *inner);
        out.end_object();
    }
    if (const Element* sctp = transport->child("sctp", ns::kColibri2)) {
        out.key("sctp").begin_object();
        write_number(out, *sctp, "port");
        if (const auto role = sctp->attribute("role")) out.member("role", upper(*role));
        out.end_object();
    }
    out.end_object();
}

void write_peer(Writer& out, const Element& peer) {
    write_text(out, peer, "id");
    write_flag(out, peer, "create", false);
    write_flag(out, peer, "expire", false);
    write_objects(out, "medias", peer, "media", write_media_object);
    write_transport_object(out, peer);
}

void write_endpoint_object(Writer& out, const Element& endpoint) {
    write_peer(out, endpoint);
    write_text(out, endpoint, "stats-id");
    write_text(out, endpoint, "muc-role");
    write_sources(out, endpoint);
    if (const Element* mute = endpoint.child("force-mute")) {
        out.key("force-mute").begin_object();
        out.member("audio", mute->get_bool("audio"));
        out.member("video", mute->get_bool("video"));
        out.end_object();
    }
    write_array(out, "capabilities", endpoint, "capability", [](Writer& to, const Element& c) {
        to.value(c.get("name"));
    });
    if (const Element* last_n = endpoint.child("initial-last-n")) {
        out.key("initial-last-n").begin_object();
        write_number(out, *last_n, "value");
        out.end_object();
    }
}

void write_relay_object(Writer& out, const Element& relay) {
    write_peer(out, relay);
    write_text(out, relay, "mesh-id");
    if (const Element* list = relay.child("endpoints")) {
        write_objects(out, "endpoints", *list, "endpoint", write_endpoint_object);
    }
}

void write_names(Writer& out, const Element& connect, std::string_view list,
                 std::string_view item) {
    const Element* names = connect.child(list);
    if (!names) return;
    out.key(list).begin_array();
    for (const Element* name : names->children_named(item)) out.value(name->get("name"));
    out.end_array();
}

void write_connect(Writer& out, const Element& connect) {
    for (const char* name : {"id", "url", "protocol", "type"}) write_text(out, connect, name);
    for (const char* name : {"create", "expire", "audio", "video", "diarize"}) {
        write_flag(out, connect, name, false);
    }
    const auto headers = connect.children_named("http-header");
    if (!headers.empty()) {
        out.key("headers").begin_object();
        for (const Element* h : headers) out.member(h->get("name"), h->get("value"));
        out.end_object();
    }
    if (const Element* ping = connect.child("ping")) {
        out.key("ping").begin_object();
        write_number(out, *ping, "interval");
        write_number(out, *ping, "timeout");
        out.end_object();
    }
    write_names(out, connect, "exports", "export");
    write_names(out, connect, "requests", "request");
}

}  // namespace

std::string write_json(const Element& element) {
    Writer out;
    out.begin_object();
    write_text(out, element, "meeting-id");
    write_text(out, element, "name");
    write_flag(out, element, "create", false);
    write_flag(out, element, "expire", false);
    write_flag(out, element, "rtcstats-enabled", true);
    write_objects(out, "endpoints", element, "endpoint", write_endpoint_object);
    write_objects(out, "relays", element, "relay", write_relay_object);
    if (const Element* list = element.child("connects")) {
        out.key("connects").begin_array();
        for (const Element* connect : list->children_named("connect")) {
            out.begin_object();
            write_connect(out, *connect);
            out.end_object();
        }
        out.end_array();
    }
    write_sources(out, element);
    out.end_object();
    return out.str();
}

}  // namespace jmeet::xmpp::colibri2
