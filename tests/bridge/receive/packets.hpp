// Packets for tests: small RTP packets in pool blocks.
#pragma once

#include <cstring>

#include "base/clock.hpp"
#include "bridge/rtp/packet_pool.hpp"
#include "bridge/rtp/packet_writer.hpp"

namespace jmeet::bridge {

inline TimePoint at_ms(double n) {
    return TimePoint(seconds(1000)) +
           std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(n));
}

inline PacketPtr make_packet(PacketPool& pool, const RtpHeader& header, BytesView payload,
                             TimePoint arrival) {
    PacketPtr packet = pool.take();
    packet.set_size(write_rtp(header, {}, payload, {}, packet.block()));
    packet.set_arrival(arrival);
    return packet;
}

inline PacketPtr make_padding(PacketPool& pool, const RtpHeader& header, TimePoint arrival) {
    PacketPtr packet = pool.take();
    packet.set_size(write_padding(header, {}, 20, packet.block()));
    packet.set_arrival(arrival);
    return packet;
}

}  // namespace jmeet::bridge
