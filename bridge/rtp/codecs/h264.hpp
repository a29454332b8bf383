// H.264: does a key frame start in this packet? RFC 6184 sections 5.4 to 5.8.
#pragma once

#include "base/bytes.hpp"

namespace jmeet::bridge {

// True for a packet with an SPS, or with (the first fragment of) an IDR slice: alone, in a
// STAP-A, or in an FU-A.
bool h264_starts_keyframe(BytesView payload);

}  // namespace jmeet::bridge
