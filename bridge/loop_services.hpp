// What every part of a media worker shares: the port, the pool, the counters, and the way back to
// the control side. One per worker, owned by its MediaLoop and outliving all endpoints; worker
// thread only.
#pragma once

#include <string>
#include <vector>

#include "bridge/bridge.hpp"
#include "bridge/config.hpp"
#include "bridge/ice/output.hpp"
#include "bridge/media_api.hpp"
#include "bridge/net/demux.hpp"
#include "bridge/net/drop_reason.hpp"
#include "bridge/net/udp_port.hpp"
#include "bridge/rtp/packet_pool.hpp"
#include "bridge/sctp/data_channel.hpp"

namespace jmeet::bridge {

// Posts to the control side.
class ControlPost {
 public:
    virtual void endpoint_lost(EndpointToken token, EndpointEnd reason) = 0;
    virtual void channel_send(ChannelId channel, std::string text) = 0;
    virtual void channel_close(ChannelId channel, std::uint16_t code, std::string reason) = 0;

 protected:
    ~ControlPost() = default;
};

class ArrivedVideo;
class Conference;

// What the loop does when a batch or a tick is done: conferences add themselves, once, and take
// themselves off when they go.
struct LoopAgenda {
    std::vector<Conference*> dirty;     // allocations are due
    std::vector<Conference*> speaking;  // somebody was heard lately: decide who is dominant
};

struct LoopServices {
    const BridgeConfig& config;
    UdpPort& port;
    PacketPool& pool;
    Demux& demux;
    SctpContext& sctp;
    IceOutput& ice_output;
    DropCounters& drops;
    MediaCounters& counters;
    ControlPost& control;
    LoopAgenda& agenda;
    ArrivedVideo& arrived;
};

}  // namespace jmeet::bridge
