// Full intra request: RFC 5104 section 4.3.1. The target is in the entry; the media field of the
// common header is 0 and means nothing.
#pragma once

#include <boost/container/static_vector.hpp>
#include <optional>

#include "base/ids.hpp"
#include "bridge/rtp/rtcp/compound.hpp"

namespace jmeet::bridge::rtcp {

struct FirEntry {
    Ssrc target;
    std::uint8_t command_seq = 0;
};

// LIMIT: entries kept of one request; a browser asks for one stream at a time.
inline constexpr std::size_t kMaxFirEntries = 32;

struct Fir {
    Ssrc sender;
    Ssrc media;  // 0 from browsers
    boost::container::static_vector<FirEntry, kMaxFirEntries> entries;

    static std::optional<Fir> parse(const Packet& packet);
    // Bytes written; 0 when it does not fit.
    std::size_t write(Bytes out) const;
};

}  // namespace jmeet::bridge::rtcp
