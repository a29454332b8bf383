#include "xmpp/bridge_heartbeat.hpp"

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {

std::optional<BridgeHeartbeat> parse_bridge_heartbeat(const Element& presence) {
    const Element* const said = presence.child("heartbeat", ns::kHeartbeat);
    if (!said) return {};
    BridgeHeartbeat heartbeat;
    heartbeat.ufrag = said->get("ufrag");
    heartbeat.pwd = said->get("pwd");
    for (const Element& child : said->children()) {
        const auto port = child.get_u32("port");
        if (!child.is("address", ns::kHeartbeat) || !port || *port == 0 || *port > 65'535) continue;
        if (heartbeat.addresses.size() == kMaxHeartbeatAddresses) break;
        heartbeat.addresses.push_back({child.get("ip"), static_cast<std::uint16_t>(*port)});
    }
    if (heartbeat.ufrag.empty() || heartbeat.pwd.empty() || heartbeat.addresses.empty()) return {};
    return heartbeat;
}

Element write_bridge_heartbeat(const BridgeHeartbeat& heartbeat) {
    Element said("heartbeat", ns::kHeartbeat);
    said.set("ufrag", heartbeat.ufrag).set("pwd", heartbeat.pwd);
    for (const auto& address : heartbeat.addresses) {
        said.add("address").set("ip", address.ip).set("port", std::int64_t{address.port});
    }
    return said;
}

}  // namespace jmeet::xmpp
