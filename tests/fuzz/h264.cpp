// H.264 payloads from the network: where a key frame starts.
#include <cstdlib>
#include <vector>

#include "bridge/rtp/codecs/h264.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView payload(data, size);
    const bool starts = h264_starts_keyframe(payload);
    if (size == 0) {
        require(!starts);
        return 0;
    }
    constexpr std::uint8_t kStapA = 24;
    constexpr std::uint8_t kFuA = 28;
    const unsigned type = payload[0] & 0x1f;
    // More bytes behind it take nothing away.
    std::vector<std::uint8_t> longer(payload.begin(), payload.end());
    longer.push_back(0);
    require(!starts || h264_starts_keyframe(longer));
    if (type == kStapA || type == kFuA || size > 0xffff) return 0;

    // A unit alone, in an aggregate, and as the first fragment says the same.
    std::vector<std::uint8_t> aggregate = {kStapA, static_cast<std::uint8_t>(size >> 8),
                                           static_cast<std::uint8_t>(size)};
    aggregate.insert(aggregate.end(), payload.begin(), payload.end());
    require(h264_starts_keyframe(aggregate) == starts);
    std::vector<std::uint8_t> fragment = {kFuA, static_cast<std::uint8_t>(0x80 | type)};
    fragment.insert(fragment.end(), payload.begin() + 1, payload.end());
    require(h264_starts_keyframe(fragment) == starts);
    fragment[1] &= 0x7f;
    require(!h264_starts_keyframe(fragment));
    return 0;
}
