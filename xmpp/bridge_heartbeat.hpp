// Where and how a bridge of ours can be asked for its heartbeat, in its brewery presence:
// <heartbeat xmlns='urn:jmeet:heartbeat:1' ufrag='' pwd=''><address ip='' port=''/>...</heartbeat>.
// Jicofo ignores it, and a JVB says nothing of the kind.
//
// Plain values; control thread. The password opens nothing but the answer to a STUN binding; who
// reads the brewery may do more than that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "xmpp/element.hpp"

namespace jmeet::xmpp {

// LIMIT: a host with more addresses than this offers the first ones.
inline constexpr std::size_t kMaxHeartbeatAddresses = 4;

struct BridgeHeartbeat {
    struct Address {
        std::string ip;
        std::uint16_t port = 0;
        bool operator==(const Address&) const = default;
    };
    // Of the process: a bridge that was started anew has another one.
    std::string ufrag;
    std::string pwd;
    std::vector<Address> addresses;
    bool operator==(const BridgeHeartbeat&) const = default;
};

// Nothing when the presence has none that can be used.
std::optional<BridgeHeartbeat> parse_bridge_heartbeat(const Element& presence);
Element write_bridge_heartbeat(const BridgeHeartbeat& heartbeat);

}  // namespace jmeet::xmpp
