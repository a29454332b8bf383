// Receiver estimated maximum bitrate: draft-alvestrand-rmcat-remb-03 section 2.2.
#pragma once

#include <boost/container/static_vector.hpp>
#include <optional>

#include "base/ids.hpp"
#include "bridge/rtp/rtcp/compound.hpp"

namespace jmeet::bridge::rtcp {

// LIMIT: SSRCs kept; Jitsi bridges list at most 8, the field allows 255.
inline constexpr std::size_t kMaxRembSsrcs = 32;

struct Remb {
    Ssrc sender;
    std::uint64_t bitrate_bps = 0;
    boost::container::static_vector<Ssrc, kMaxRembSsrcs> ssrcs;

    // Empty for other application-layer feedback as well.
    static std::optional<Remb> parse(const Packet& packet);
    // Bytes written; 0 when it does not fit. The bitrate is rounded down to 18 bits.
    std::size_t write(Bytes out) const;
};

}  // namespace jmeet::bridge::rtcp
