#include "xmpp/colibri2.hpp"

#include <array>
#include <stdexcept>

#include "base/text.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp::colibri2 {
namespace {

// LIMIT: a request names one endpoint, or a batch to mute or expire: at most a bridge's endpoints.
constexpr std::size_t kMaxEndpoints = 5'000;
constexpr std::size_t kMaxRelays = 100;
constexpr std::size_t kMaxMedia = 8;
constexpr std::size_t kMaxCapabilities = 32;
constexpr std::size_t kMaxMediaSources = 200;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Error malformed(const Element& element, std::string_view attribute) {
    return fail(element.name() + ": missing or invalid '" + std::string(attribute) + "'");
}

bool is_media_type(std::string_view type) { return type == "audio" || type == "video"; }

Result<Sctp> parse_sctp(const Element& element) {
    Sctp sctp;
    if (element.attribute("port")) {
        const auto port = element.get_int("port");
        if (!port || *port < 0 || *port > 65'535) return malformed(element, "port");
        sctp.port = static_cast<std::uint16_t>(*port);
    }
    if (const auto role = element.attribute("role")) {
        sctp.role = lower(*role);
        if (*sctp.role != "client" && *sctp.role != "server") return malformed(element, "role");
    }
    return sctp;
}

Result<Transport> parse_transport(const Element& element) {
    Transport transport;
    transport.ice_controlling = element.get_bool("ice-controlling");
    transport.use_unique_port = element.get_bool("use-unique-port");
    transport.ice_restart = element.get_bool("ice-restart");
    if (const Element* inner = element.child("transport", ns::kJingleIceUdp)) {
        auto ice = parse_ice_udp_transport(*inner);
        if (!ice) return ice.error();
        transport.ice = *std::move(ice);
    }
    if (const Element* child = element.child("sctp", ns::kColibri2)) {
        auto sctp = parse_sctp(*child);
        if (!sctp) return sctp.error();
        transport.sctp = *std::move(sctp);
    }
    return transport;
}

Result<MediaSource> parse_media_source(const Element& element) {
    MediaSource source;
    source.type = lower(element.get("type"));
    source.id = element.get("id");
    source.synthetic = element.get_bool("synthetic");
    if (!is_media_type(source.type)) return malformed(element, "type");
    if (source.id.empty()) return malformed(element, "id");
    if (auto done = parse_sources(element, source.sources, source.groups); !done) {
        return done.error();
    }
    return source;
}

Result<std::vector<MediaSource>> parse_source_list(const Element& element) {
    std::vector<MediaSource> sources;
    for (const Element* child : element.children_named("media-source", ns::kColibri2)) {
        auto source = parse_media_source(*child);
        if (!source) return source.error();
        if (sources.size() == kMaxMediaSources) return fail("too many media sources");
        sources.push_back(*std::move(source));
    }
    return sources;
}

Result<RtpDescription> parse_media(const Element& element) {
    std::string type = lower(element.get("type"));
    if (!is_media_type(type)) return malformed(element, "type");
    return parse_rtp_children(element, std::move(type));
}

// One child of an endpoint; unknown ones are skipped.
Result<void> parse_endpoint_child(const Element& child, Endpoint& endpoint) {
    if (child.ns() != ns::kColibri2) return {};
    if (child.name() == "media") {
        auto media = parse_media(child);
        if (!media) return media.error();
        if (endpoint.media.size() == kMaxMedia) return fail("too many media elements");
        endpoint.media.push_back(*std::move(media));
    } else if (child.name() == "transport") {
        auto transport = parse_transport(child);
        if (!transport) return transport.error();
        endpoint.transport = *std::move(transport);
    } else if (child.name() == "sources") {
        auto sources = parse_source_list(child);
        if (!sources) return sources.error();
        endpoint.sources = *std::move(sources);
    } else if (child.name() == "force-mute") {
        endpoint.force_mute = ForceMute{child.get_bool("audio"), child.get_bool("video")};
    } else if (child.name() == "capability") {
        if (endpoint.capabilities.size() == kMaxCapabilities) return fail("too many capabilities");
        endpoint.capabilities.push_back(child.get("name"));
    } else if (child.name() == "initial-last-n") {
        const auto value = child.get_int("value");
        if (!value || *value < -1 || *value > 1'000'000) return malformed(child, "value");
        endpoint.initial_last_n = static_cast<int>(*value);
    }
    return {};
}

Result<Endpoint> parse_endpoint(const Element& element) {
    Endpoint endpoint;
    endpoint.id = element.get("id");
    if (endpoint.id.empty()) return malformed(element, "id");
    endpoint.create = element.get_bool("create");
    endpoint.expire = element.get_bool("expire");
    endpoint.stats_id = element.get("stats-id");
    if (element.attribute("muc-role")) {
        constexpr std::array<std::string_view, 4> kRoles{"moderator", "participant", "visitor",
                                                         "none"};
        endpoint.muc_role = lower(element.get("muc-role"));
        bool known = false;
        for (const auto role : kRoles) known = known || role == endpoint.muc_role;
        if (!known) return malformed(element, "muc-role");
    }
    for (const Element& child : element.children()) {
        if (auto done = parse_endpoint_child(child, endpoint); !done) return done.error();
    }
    return endpoint;
}

Result<void> parse_endpoints(const Element& parent, std::vector<Endpoint>& endpoints) {
    for (const Element* child : parent.children_named("endpoint", ns::kColibri2)) {
        auto endpoint = parse_endpoint(*child);
        if (!endpoint) return endpoint.error();
        if (endpoints.size() == kMaxEndpoints) return fail("too many endpoints");
        endpoints.push_back(*std::move(endpoint));
    }
    return {};
}

Result<Relay> parse_relay(const Element& element) {
    Relay relay;
    relay.id = element.get("id");
    if (relay.id.empty()) return malformed(element, "id");
    relay.create = element.get_bool("create");
    relay.expire = element.get_bool("expire");
    relay.mesh_id = element.get("mesh-id");
    for (const Element* child : element.children_named("media", ns::kColibri2)) {
        auto media = parse_media(*child);
        if (!media) return media.error();
        if (relay.media.size() == kMaxMedia) return fail("too many media elements");
        relay.media.push_back(*std::move(media));
    }
    if (const Element* child = element.child("transport", ns::kColibri2)) {
        auto transport = parse_transport(*child);
        if (!transport) return transport.error();
        relay.transport = *std::move(transport);
    }
    if (const Element* child = element.child("endpoints", ns::kColibri2)) {
        if (auto done = parse_endpoints(*child, relay.endpoints); !done) return done.error();
    }
    return relay;
}

Result<void> parse_relays(const Element& parent, std::vector<Relay>& relays) {
    for (const Element* child : parent.children_named("relay", ns::kColibri2)) {
        auto relay = parse_relay(*child);
        if (!relay) return relay.error();
        if (relays.size() == kMaxRelays) return fail("too many relays");
        relays.push_back(*std::move(relay));
    }
    return {};
}

// Attributes at their default are not written.
void set_true(Element& element, std::string_view name, bool value) {
    if (value) element.set(name, "true");
}

void set_text(Element& element, std::string_view name, const std::string& value) {
    if (!value.empty()) element.set(name, value);
}

void write_media(Element& parent, const std::vector<RtpDescription>& media) {
    for (const RtpDescription& description : media) {
        Element& element = parent.add("media");
        element.set("type", description.media);
        write_rtp_children(element, description);
    }
}

void write_transport(Element& parent, const Transport& transport) {
    Element& element = parent.add("transport");
    set_true(element, "use-unique-port", transport.use_unique_port);
    set_true(element, "ice-controlling", transport.ice_controlling);
    set_true(element, "ice-restart", transport.ice_restart);
    if (transport.ice) {
        element.add(write_ice_udp_transport(*transport.ice, FingerprintFlags::plain));
    }
    if (transport.sctp) {
        Element& sctp = element.add("sctp");
        if (transport.sctp->role) sctp.set("role", *transport.sctp->role);
        if (transport.sctp->port) sctp.set("port", std::int64_t{*transport.sctp->port});
    }
}

void write_source_list(Element& parent, const std::vector<MediaSource>& sources) {
    Element& list = parent.add("sources");
    for (const MediaSource& source : sources) {
        Element& element = list.add("media-source");
        element.set("type", source.type);
        element.set("id", source.id);
        set_true(element, "synthetic", source.synthetic);
        for (const Source& s : source.sources) element.add(write_source(s));
        for (const SsrcGroup& g : source.groups) element.add(write_ssrc_group(g));
    }
}

void write_endpoint(Element& parent, const Endpoint& endpoint) {
    Element& element = parent.add("endpoint");
    element.set("id", endpoint.id);
    set_true(element, "create", endpoint.create);
    set_true(element, "expire", endpoint.expire);
    set_text(element, "stats-id", endpoint.stats_id);
    set_text(element, "muc-role", endpoint.muc_role);
    write_media(element, endpoint.media);
    if (endpoint.transport) write_transport(element, *endpoint.transport);
    if (endpoint.sources) write_source_list(element, *endpoint.sources);
    if (endpoint.force_mute) {
        Element& mute = element.add("force-mute");
        set_true(mute, "audio", endpoint.force_mute->audio);
        set_true(mute, "video", endpoint.force_mute->video);
    }
    for (const std::string& name : endpoint.capabilities) {
        element.add("capability").set("name", name);
    }
    if (endpoint.initial_last_n) {
        element.add("initial-last-n").set("value", std::int64_t{*endpoint.initial_last_n});
    }
}

void write_relay(Element& parent, const Relay& relay) {
    Element& element = parent.add("relay");
    element.set("id", relay.id);
    set_true(element, "create", relay.create);
    set_true(element, "expire", relay.expire);
    set_text(element, "mesh-id", relay.mesh_id);
    write_media(element, relay.media);
    if (relay.transport) write_transport(element, *relay.transport);
    if (!relay.endpoints.empty()) {
        Element& endpoints = element.add("endpoints");
        for (const Endpoint& endpoint : relay.endpoints) write_endpoint(endpoints, endpoint);
    }
}

}  // namespace

Result<ConferenceModify> parse_conference_modify(const Element& element) {
    if (!element.is("conference-modify", ns::kColibri2)) return fail("no conference-modify");
    ConferenceModify request;
    request.meeting_id = element.get("meeting-id");
    if (is_blank(request.meeting_id)) return malformed(element, "meeting-id");
    request.name = element.get("name");
    request.create = element.get_bool("create");
    request.expire = element.get_bool("expire");
    request.rtcstats_enabled = element.get_bool("rtcstats-enabled", true);
    if (auto done = parse_endpoints(element, request.endpoints); !done) return done.error();
    if (auto done = parse_relays(element, request.relays); !done) return done.error();
    request.has_connects = element.child("connects", ns::kColibri2) != nullptr;
    return request;
}

Result<ConferenceModified> parse_conference_modified(const Element& element) {
    if (!element.is("conference-modified", ns::kColibri2)) return fail("no conference-modified");
    ConferenceModified answer;
    if (auto done = parse_endpoints(element, answer.endpoints); !done) return done.error();
    if (auto done = parse_relays(element, answer.relays); !done) return done.error();
    if (const Element* child = element.child("sources", ns::kColibri2)) {
        auto sources = parse_source_list(*child);
        if (!sources) return sources.error();
        answer.sources = *std::move(sources);
    }
    return answer;
}

Element write(const ConferenceModify& request) {
    Element element("conference-modify", ns::kColibri2);
    element.set("meeting-id", request.meeting_id);
    set_text(element, "name", request.name);
    if (!request.rtcstats_enabled) element.set("rtcstats-enabled", "false");
    set_true(element, "create", request.create);
    set_true(element, "expire", request.expire);
    for (const Endpoint& endpoint : request.endpoints) write_endpoint(element, endpoint);
    for (const Relay& relay : request.relays) write_relay(element, relay);
    if (request.has_connects) element.add("connects");
    return element;
}

Element write(const ConferenceModified& answer) {
    Element element("conference-modified", ns::kColibri2);
    for (const Endpoint& endpoint : answer.endpoints) write_endpoint(element, endpoint);
    for (const Relay& relay : answer.relays) write_relay(element, relay);
    if (answer.sources) write_source_list(element, *answer.sources);
    return element;
}

Element write_error(const Refusal& refusal) {
    Element element("error");
    const bool modify = refusal.condition == "bad-request";
    const bool auth = refusal.condition == "forbidden";
    element.set("type", modify ? "modify" : auth ? "auth" : "cancel");
    element.add(refusal.condition, ns::kStanzaErrors);
    if (!refusal.text.empty()) {
        Element& text = element.add("text", ns::kStanzaErrors);
        text.set("xml:lang", "en");
        text.set_text(refusal.text);
    }
    if (!refusal.reason.empty()) {
        element.add("error", ns::kColibri2).set("reason", refusal.reason);
    }
    if (!refusal.endpoint_id.empty()) {
        element.add("endpoint", ns::kColibri2).set("id", refusal.endpoint_id);
    }
    return element;
}

Refusal parse_error(const Element& error) {
    Refusal refusal;
    for (const Element& child : error.children()) {
        if (child.is("error", ns::kColibri2)) {
            refusal.reason = lower(child.get("reason"));
            if (refusal.reason.empty()) refusal.reason = "unspecified";
        } else if (child.is("endpoint", ns::kColibri2)) {
            refusal.endpoint_id = child.get("id");
        } else if (child.name() == "text") {
            refusal.text = child.text();
        } else if (child.ns() == ns::kStanzaErrors && refusal.condition.empty()) {
            refusal.condition = child.name();
        }
    }
    return refusal;
}

void throw_exception_from_error(const Refusal& refusal, const boost::source_location&) {
    throw std::runtime_error(refusal.condition + ": " + refusal.text);
}

}  // namespace jmeet::xmpp::colibri2
