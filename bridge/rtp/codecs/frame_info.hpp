// What forwarding needs to know of one video packet, whatever the codec: parsed once per packet,
// read by every receiver's projection.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "bridge/rtp/codecs/av1.hpp"
#include "bridge/rtp/codecs/frame_marking.hpp"
#include "bridge/rtp/codecs/vp8.hpp"
#include "bridge/rtp/codecs/vp9.hpp"
#include "bridge/rtp/media.hpp"
#include "bridge/rtp/packet.hpp"

namespace jmeet::bridge {

struct FrameInfo {
    Codec codec = Codec::unknown;
    bool starts_keyframe = false;  // first packet of a key frame
    bool start_of_frame = false;
    bool end_of_frame = false;  // last packet of this frame (of this spatial layer)
    bool keyframes_hidden = false;  // they are asked for, and none is ever seen
    // Where key frames are not recognised any packet may be a receiver's first.
    bool keyframes_known() const {
        return !keyframes_hidden && (codec == Codec::vp8 || codec == Codec::vp9 ||
                                     codec == Codec::av1 || codec == Codec::h264);
    }
    // False: no descriptor to rewrite (generic); layer fields are 0 unless it is marked.
    bool parsed = false;
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    // Of the key frame that starts here, or of the highest layer in a structure; 0 = not said.
    std::uint16_t width = 0;
    std::uint16_t height = 0;

    // Present according to the codec. VP8 and VP9 by payload type; the dependency descriptor for
    // AV1, and for others whose own descriptor lacks picture id (VP8: or temporal layer); frame
    // marking where there is nothing else.
    std::variant<std::monostate, Vp8Descriptor, Vp9Descriptor, DependencyDescriptor, FrameMarking>
        detail;

    const Vp8Descriptor* vp8() const { return std::get_if<Vp8Descriptor>(&detail); }
    const Vp9Descriptor* vp9() const { return std::get_if<Vp9Descriptor>(&detail); }
    const FrameMarking* marking() const { return std::get_if<FrameMarking>(&detail); }
    const DependencyDescriptor* dd() const { return std::get_if<DependencyDescriptor>(&detail); }
};

// Empty when the payload is not what its type says, or a descriptor not one of its stream. `dd`
// belongs to the packet's stream; an id is 0 when the extension was not negotiated.
std::optional<FrameInfo> parse_frame_info(Codec codec, const RtpPacket& packet, std::uint8_t dd_id,
                                          DdParser& dd, std::uint8_t marking_id = 0);

}  // namespace jmeet::bridge
