// VP8 payload descriptors from the network, and their rewriting.
#include <array>
#include <cstdlib>
#include <cstring>

#include "bridge/rtp/codecs/vp8.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView payload(data, size);
    const auto source = Vp8Descriptor::parse(payload);
    if (!source) return 0;
    require(source->size >= 1 && source->size < size && source->size <= kMaxVp8Descriptor);
    std::array<std::uint8_t, kMaxVp8Descriptor + 1> out;
    const std::size_t written = write_vp8_descriptor(payload, *source, 0x1234, 0x56,
                                                     Bytes(out).first(kMaxVp8Descriptor));
    require(written >= 1);
    out[written] = payload[source->size];
    const auto again = Vp8Descriptor::parse(Bytes(out).first(written + 1));
    require(again && again->size == written);
    require(again->temporal == source->temporal && again->key_index == source->key_index);
    require(!source->picture_id || again->picture_id == 0x1234);
    require(!source->tl0picidx || again->tl0picidx == 0x56);
    require(again->starts_keyframe == source->starts_keyframe);
    return 0;
}
