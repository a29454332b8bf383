// The video packets of one batch, kept until its end: a receiver's copies are then made one after
// the other, while all that is known of that receiver is at hand, and leave as one run.
//
// One per worker, owned by its loop, which calls forward() when a batch is done; no source goes
// meanwhile, sources change by what the control side posts. Allocates nothing after it was made.
// LIMIT: packets of one read; more are forwarded at once.
#pragma once

#include <cstdint>
#include <vector>

#include "bridge/net/udp_port.hpp"
#include "bridge/rtp/codecs/frame_info.hpp"
#include "bridge/rtp/packet.hpp"
#include "bridge/rtp/packet_pool.hpp"
#include "bridge/video_source.hpp"

namespace jmeet::bridge {

struct ArrivedPacket {
    VideoSource* source;
    PacketPtr packet;
    RtpPacket rtp;  // a view of it
    FrameInfo frame;
    int encoding;
    const DdStructure* structure;
    const ExtensionIds* extensions;  // of its sender
    TimePoint arrival;
};

class ArrivedVideo {
 public:
    static constexpr std::size_t kMax = UdpPort::kBatch;

    ArrivedVideo() { packets_.reserve(kMax); }

    void add(ArrivedPacket packet);
    // To everybody who is to have them, source by source in the order in which they came; then into
    // their streams' histories.
    void forward();

 private:
    static constexpr std::uint8_t kNone = 0xff;
    struct Entry {
        ArrivedPacket arrived;
        std::uint8_t next;  // of the same source
        bool first;
        bool sent;  // to anybody
    };

    std::vector<Entry> packets_;
};

}  // namespace jmeet::bridge
