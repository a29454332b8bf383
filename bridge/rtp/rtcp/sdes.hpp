// Source description, canonical name only: RFC 3550 section 6.5.
#pragma once

#include <boost/container/static_vector.hpp>
#include <optional>
#include <string_view>

#include "base/ids.hpp"
#include "bridge/rtp/rtcp/compound.hpp"

namespace jmeet::bridge::rtcp {

// LIMIT: the count field has five bits.
inline constexpr std::size_t kMaxSdesChunks = 31;

struct SdesChunk {
    Ssrc ssrc;
    std::string_view cname;  // a view of the packet; empty when the chunk has none
};

struct Sdes {
    boost::container::static_vector<SdesChunk, kMaxSdesChunks> chunks;

    static std::optional<Sdes> parse(const Packet& packet);
    // Bytes written; 0 when it does not fit or a name is longer than 255 bytes.
    std::size_t write(Bytes out) const;
};

}  // namespace jmeet::bridge::rtcp
