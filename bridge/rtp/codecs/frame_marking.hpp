// The frame marking header extension: what a frame is and which temporal layer, beside a payload
// that says nothing of layers or is encrypted from end to end. RFC 9626 section 3 (and the drafts
// before it, which browsers and Jitsi name).
#pragma once

#include <optional>

#include "base/bytes.hpp"

namespace jmeet::bridge {

struct FrameMarking {
    bool start_of_frame = false;
    bool end_of_frame = false;
    bool independent = false;  // decodable without any frame before it
    bool discardable = false;
    // Depends on the base layer alone: who has that may begin this layer here.
    bool base_sync = false;
    std::uint8_t temporal = 0;

    // Empty for an empty element. The short form of streams without layers is of layer 0.
    static std::optional<FrameMarking> parse(BytesView element);
};

}  // namespace jmeet::bridge
