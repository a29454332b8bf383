#include "xmpp/jingle_transport.hpp"

#include "base/text.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

// LIMIT: one per certificate and hash; one per configured WebSocket domain.
constexpr std::size_t kMaxFingerprints = 16;
constexpr std::size_t kMaxWebSockets = 16;

std::optional<std::uint16_t> get_port(const Element& element, std::string_view name) {
    const auto port = element.get_int(name);
    if (!port || *port < 0 || *port > 65'535) return {};
    return static_cast<std::uint16_t>(*port);
}

// Nothing for what no ICE agent can use. COMPAT: a candidate without generation is dropped by
// stock bridges, and so here.
std::optional<Candidate> parse_candidate(const Element& element) {
    Candidate c;
    const auto port = get_port(element, "port");
    const auto priority = element.get_u32("priority");
    const auto generation = element.get_u32("generation");
    c.ip = element.get("ip");
    if (c.ip.empty() || !port || !priority || !generation) return {};
    c.id = element.get("id");
    c.foundation = element.get("foundation");
    c.component = element.get_u32("component").value_or(1);
    c.generation = *generation;
    c.network = element.get_u32("network").value_or(0);
    c.priority = *priority;
    if (const auto protocol = element.attribute("protocol")) c.protocol = *protocol;
    if (const auto type = element.attribute("type")) c.type = *type;
    c.port = *port;
    c.rel_addr = element.get("rel-addr");
    c.rel_port = get_port(element, "rel-port");
    c.tcptype = element.get("tcptype");
    return c;
}

std::optional<Fingerprint> parse_fingerprint(const Element& element) {
    Fingerprint f;
    f.hash = element.get("hash");
    f.value = trimmed(element.text());
    f.setup = element.get("setup");
    if (f.hash.empty() || f.value.empty()) return {};
    return f;
}

std::optional<SctpMap> parse_sctp_map(const Element& element) {
    const auto number = get_port(element, "number");
    if (!number) return {};
    SctpMap map;
    map.number = *number;
    map.protocol = element.get("protocol");
    map.streams = element.get_u32("streams").value_or(0);
    return map;
}

void write_candidate(Element& parent, const Candidate& c) {
    Element& element = parent.add("candidate");
    element.set("component", std::int64_t{c.component});
    element.set("foundation", c.foundation);
    element.set("generation", std::int64_t{c.generation});
    element.set("id", c.id);
    element.set("network", std::int64_t{c.network});
    element.set("priority", std::int64_t{c.priority});
    element.set("protocol", c.protocol);
    element.set("type", c.type);
    element.set("ip", c.ip);
    element.set("port", std::int64_t{c.port});
    if (!c.rel_addr.empty()) element.set("rel-addr", c.rel_addr);
    if (c.rel_port) element.set("rel-port", std::int64_t{*c.rel_port});
    if (!c.tcptype.empty()) element.set("tcptype", c.tcptype);
}

void write_fingerprint(Element& parent, const Fingerprint& f, FingerprintFlags flags) {
    Element& element = parent.add("fingerprint", ns::kJingleDtls);
    element.set("hash", f.hash);
    if (flags == FingerprintFlags::explicit_false) element.set("required", "false");
    if (!f.setup.empty()) element.set("setup", f.setup);
    if (flags == FingerprintFlags::explicit_false) element.set("cryptex", "false");
    element.set_text(f.value);
}

void write_web_sockets(Element& parent, const IceUdpTransport& transport) {
    for (const std::string& url : transport.web_sockets) {
        parent.add("web-socket", ns::kColibri).set("url", url);
    }
}

}  // namespace

Result<IceUdpTransport> parse_ice_udp_transport(const Element& element) {
    if (!element.is("transport", ns::kJingleIceUdp)) return fail("no ice-udp transport");
    IceUdpTransport transport;
    transport.ufrag = element.get("ufrag");
    transport.pwd = element.get("pwd");
    // RFC 8839 5.4: 4 to 256 and 22 to 256 characters. Only what could not be an ICE credential
    // at all is refused here.
    if (transport.ufrag.size() > 256 || transport.pwd.size() > 256) {
        return fail("ufrag or pwd longer than 256 characters");
    }
    transport.ice_generation = element.get_u32("ice-generation");
    for (const Element& child : element.children()) {
        if (child.name() == "rtcp-mux") {
            transport.rtcp_mux = true;
        } else if (child.is("fingerprint", ns::kJingleDtls)) {
            auto fingerprint = parse_fingerprint(child);
            if (fingerprint && transport.fingerprints.size() < kMaxFingerprints) {
                transport.fingerprints.push_back(*std::move(fingerprint));
            }
        } else if (child.is("web-socket", ns::kColibri)) {
            const std::string& url = child.get("url");
            if (!url.empty() && transport.web_sockets.size() < kMaxWebSockets) {
                transport.web_sockets.push_back(url);
            }
        } else if (child.is("sctpmap", ns::kJingleSctp)) {
            if (!transport.sctp_map) transport.sctp_map = parse_sctp_map(child);
        } else if (child.name() == "candidate") {
            auto candidate = parse_candidate(child);
            if (candidate && transport.candidates.size() < kMaxCandidates) {
                transport.candidates.push_back(*std::move(candidate));
            }
        }
    }
    return transport;
}

Element write_ice_udp_transport(const IceUdpTransport& transport, FingerprintFlags flags) {
    Element element("transport", ns::kJingleIceUdp);
    if (!transport.ufrag.empty()) element.set("ufrag", transport.ufrag);
    if (!transport.pwd.empty()) element.set("pwd", transport.pwd);
    if (transport.ice_generation) {
        element.set("ice-generation", std::int64_t{*transport.ice_generation});
    }
    // In Jingle upstream writes web-socket first, a bridge writes it after the fingerprint.
    const bool jingle = flags == FingerprintFlags::explicit_false;
    if (jingle) write_web_sockets(element, transport);
    if (transport.rtcp_mux) element.add("rtcp-mux");
    for (const Fingerprint& f : transport.fingerprints) write_fingerprint(element, f, flags);
    if (!jingle) write_web_sockets(element, transport);
    if (transport.sctp_map) {
        Element& map = element.add("sctpmap", ns::kJingleSctp);
        map.set("number", std::int64_t{transport.sctp_map->number});
        map.set("protocol", transport.sctp_map->protocol);
        map.set("streams", std::int64_t{transport.sctp_map->streams});
    }
    for (const Candidate& c : transport.candidates) write_candidate(element, c);
    return element;
}

}  // namespace jmeet::xmpp
