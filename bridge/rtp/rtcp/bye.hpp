// Goodbye: RFC 3550 section 6.6. The reason text is not kept.
#pragma once

#include <boost/container/static_vector.hpp>
#include <optional>

#include "base/ids.hpp"
#include "bridge/rtp/rtcp/compound.hpp"

namespace jmeet::bridge::rtcp {

// LIMIT: the count field has five bits.
inline constexpr std::size_t kMaxByeSources = 31;

struct Bye {
    boost::container::static_vector<Ssrc, kMaxByeSources> sources;

    static std::optional<Bye> parse(const Packet& packet);
    // Bytes written; 0 when it does not fit.
    std::size_t write(Bytes out) const;
};

}  // namespace jmeet::bridge::rtcp
