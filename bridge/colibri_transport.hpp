// Transports between COLIBRI2's elements and what the media worker takes.
// Pure functions on values; control thread.
#pragma once

#include <span>

#include "bridge/config.hpp"
#include "bridge/control_conference.hpp"
#include "bridge/media_api.hpp"
#include "xmpp/colibri2.hpp"

namespace jmeet::bridge {

// What a peer's transport element says. Candidates over TCP, with host names or without
// generation 0 are left out; a setup other than active and passive decides nothing.
TransportUpdate to_update(const xmpp::IceUdpTransport& ice);

// What the bridge says of itself when an endpoint is created, or when its ICE is restarted: with
// the credentials that are in `endpoint`.
xmpp::colibri2::Transport describe_transport(const BridgeConfig& config,
                                             std::span<const LocalCandidate> candidates,
                                             const ControlConference& conference,
                                             const ControlEndpoint& endpoint);

}  // namespace jmeet::bridge
