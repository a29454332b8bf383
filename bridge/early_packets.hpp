// Media that came before its keys: a peer that ends the DTLS handshake sends at once, and its last
// flight may be overtaken on the way, or wait here behind the handshakes of a crowd.
//
// Owned by an EndpointTransport, on its media worker; empty, and without memory, but for the
// moments in which a handshake ends. Nothing is decrypted or believed before the keys are there.
// Only for that race: speech that waited longer would only make its listeners' buffers grow, and
// a key frame that is too old is asked for anew. Bytes are copied: a worker's pool holds no more
// blocks than two reads of its socket need.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "bridge/ice/address.hpp"
#include "bridge/net/demux.hpp"
#include "bridge/net/drop_reason.hpp"

namespace jmeet::bridge {

struct EarlyPacket {
    std::vector<std::uint8_t> bytes;
    Address from;
    DatagramKind kind;  // rtp or rtcp
    TimePoint at;
};

class EarlyPackets {
 public:
    // LIMIT: what a browser sends in that time: ten packets of speech and its first key frame.
    static constexpr milliseconds kMaxAge{200};
    static constexpr std::size_t kMax = 32;

    explicit EarlyPackets(DropCounters& drops) : drops_(drops) {}

    // Or counts the packet as dropped.
    void keep(BytesView packet, const Address& from, DatagramKind kind, TimePoint now);
    // What is still of use, in the order in which it came. Nothing is left.
    std::vector<EarlyPacket> take(TimePoint now);
    void clear();

 private:
    void drop_old(TimePoint now);

    DropCounters& drops_;
    std::vector<EarlyPacket> packets_;
};

}  // namespace jmeet::bridge
