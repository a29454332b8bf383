// What an operator may set of a bridge. Filled by main from options, read-only afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bridge/allocation/config.hpp"
#include "bridge/ice/credentials.hpp"
#include "bridge/speech/loudest.hpp"

namespace jmeet::bridge {

struct BridgeConfig {
    // The one UDP port of all media; 0 = any free one (tests).
    std::uint16_t media_port = 10'000;
    // Threads that carry media, each with whole conferences; at most kMaxMediaWorkers.
    std::size_t media_workers = 1;
    // Several datagrams of one destination in one call (UDP_SEGMENT), where the kernel can.
    bool segmentation = true;
    // Host candidates only of these local addresses; empty = all interfaces.
    std::vector<std::string> local_addresses;
    // Public addresses of this host behind a NAT or a port forward; each becomes a candidate
    // beside the host ones (ice4j's static mapping).
    std::vector<std::string> advertise_addresses;
    bool advertise_private_candidates = true;
    // Of the media port's heartbeat; Bridge makes them, new ones for each process.
    IceCredentials heartbeat;
    bool loopback_candidates = false;  // for tests and for everything on one machine

    std::string version = "2.3.0";  // as presence, /about/version and jabber:iq:version say it
    std::string region;             // empty: not said
    std::string relay_id;           // empty: no relays

    // The bridge channel. One web-socket URL per domain ("host" or "host:port"); none without.
    bool websockets = false;
    bool websocket_tls = true;
    std::string websocket_server_id = "default-id";
    std::vector<std::string> websocket_domains;
    bool sctp = true;

    AllocationConfig allocation;
    LoudestConfig loudest;
    // Packets per second (both directions) that count as a stress of 1.
    double load_packets_per_second = 50'000;
    double average_participant_stress = 0.01;
    // Lower last-N for everybody while this bridge is overloaded (JVB: reducer-enabled).
    bool load_reducer = false;
    seconds load_interval{10};

    bool health_requires_valid_address = false;
    seconds health_interval{60};
    seconds health_max_age{90};

    // In-place ICE restarts (JVB: ice.restart.*): how long the new agent may take (0: none are
    // granted, clients are invited anew), and how long the old one still answers afterwards.
    seconds ice_restart_timeout{20};
    milliseconds ice_restart_transition{3'000};

    // How long a client may take to open its channel before the operator is told.
    seconds channel_patience{30};

    // When an endpoint is told to be away (JVB: ep-connection-status.*).
    milliseconds first_transfer_timeout{15'000};
    milliseconds max_inactivity{8'000};

    // Expiry (JVB: entity-expiration.*).
    seconds endpoint_timeout{60};
    seconds endpoint_never_active_timeout{120};
    seconds ice_failed_grace{15};
    seconds empty_conference_timeout{20};
    milliseconds expiry_interval{5'000};

    int shutdown_min_participants = 0;
    seconds shutdown_max_duration{24 * 3600};
    seconds shutting_down_delay{60};
};

}  // namespace jmeet::bridge
