// Picture loss indication: RFC 4585 section 6.3.1.
#pragma once

#include <optional>

#include "base/ids.hpp"
#include "bridge/rtp/rtcp/compound.hpp"

namespace jmeet::bridge::rtcp {

struct Pli {
    Ssrc sender;
    Ssrc media;

    static std::optional<Pli> parse(const Packet& packet);
    // Bytes written; 0 when it does not fit.
    std::size_t write(Bytes out) const;
};

}  // namespace jmeet::bridge::rtcp
