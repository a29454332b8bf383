#include "xmpp/bridge_heartbeat.hpp"

#include <doctest/doctest.h>
#include <spdlog/fmt/fmt.h>

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

Element presence_with(const std::string& inside) {
    return *parse_element("<presence>" + inside + "</presence>", ns::kClient);
}

TEST_CASE("a heartbeat goes into the presence and comes out the same") {
    const BridgeHeartbeat heartbeat{"u1", "p1", {{"10.0.0.1", 10'000}, {"2001:db8::1", 4'443}}};
    Element presence("presence", ns::kClient);
    presence.add(write_bridge_heartbeat(heartbeat));
    const auto again = parse_element(presence.to_xml(), ns::kClient);
    REQUIRE(again.has_value());
    CHECK(parse_bridge_heartbeat(*again) == heartbeat);
}

TEST_CASE("a presence without a usable heartbeat has none") {
    const std::string start = "<heartbeat xmlns='urn:jmeet:heartbeat:1'";
    CHECK(!parse_bridge_heartbeat(presence_with("")));
    CHECK(!parse_bridge_heartbeat(presence_with(start + " ufrag='u' pwd='p'/>")));
    CHECK(!parse_bridge_heartbeat(
        presence_with(start + " ufrag='u'><address ip='::1' port='1'/></heartbeat>")));
    for (const char* port : {"0", "65536", "-1", "x"}) {
        const std::string address = fmt::format("<address ip='::1' port='{}'/>", port);
        CHECK(!parse_bridge_heartbeat(
            presence_with(start + " ufrag='u' pwd='p'>" + address + "</heartbeat>")));
    }
}

TEST_CASE("more addresses than the limit are left out") {
    std::string many;
    for (int i = 1; i <= 40; ++i) many += fmt::format("<address ip='10.0.0.1' port='{}'/>", i);
    const auto parsed = parse_bridge_heartbeat(presence_with(
        "<heartbeat xmlns='urn:jmeet:heartbeat:1' ufrag='u' pwd='p'>" + many + "</heartbeat>"));
    REQUIRE(parsed.has_value());
    CHECK(parsed->addresses.size() == kMaxHeartbeatAddresses);
    CHECK(parsed->addresses.front().port == 1);
}

}  // namespace
}  // namespace jmeet::xmpp
