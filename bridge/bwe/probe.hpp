// Values of probing: a short train of packets that is sent faster than the estimate, to learn
// whether the link carries more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace jmeet::bridge {

// Which train a packet belongs to; wraps, kNoProbe is skipped.
using ProbeId = std::uint16_t;
constexpr ProbeId kNoProbe = 0;

struct ProbeCluster {
    static constexpr std::uint32_t kMinPackets = 5;
    // LIMIT: three ticks of the media loop; shorter trains have no rate.
    static constexpr milliseconds kDuration{30};

    ProbeId id = kNoProbe;
    std::int64_t bps = 0;

    // LIMIT: enough small packets; a slow train is longer.
    static constexpr std::size_t kMinBytes = 1'500;
    std::size_t bytes() const {
        return std::max(kMinBytes, static_cast<std::size_t>(bps * kDuration.count() / 8'000));
    }
};

// What to send now beside the media: repeated packets or padding, about so many bytes, counted
// as this train when there is one.
struct PaddingOrder {
    std::size_t bytes = 0;
    ProbeId probe = kNoProbe;
};

}  // namespace jmeet::bridge
