// What the media rooms call things: media types, payload types, header extensions, sources.
//
// Values only; made on the control side from COLIBRI2, read on the media side. A source is what
// one camera, screen or microphone sends (one name); its encodings are the simulcast streams.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace jmeet::bridge {

enum class MediaType : std::uint8_t { audio, video };

// Wire names: camera, desktop, desktop_high_fps, none (channel), disabled.
enum class VideoType : std::uint8_t { camera, desktop, desktop_high_fps, none, disabled };

// `fec`: ULPFEC and FlexFEC; they protect the numbers of the sender.
enum class Codec : std::uint8_t {
    unknown, opus, red, telephone_event, vp8, vp9, av1, h264, rtx, fec
};

struct PayloadFormat {
    std::uint8_t pt = 0;
    Codec codec = Codec::unknown;
    std::uint32_t clock_rate = 90'000;
    std::optional<std::uint8_t> rtx_apt;  // for rtx: the payload type that it repairs
    bool nack = false;
    bool pli = false;
    bool fir = false;
    bool transport_cc = false;
    bool remb = false;
};

enum class Extension : std::uint8_t {
    audio_level,
    mid,
    abs_send_time,
    transport_cc,
    dependency_descriptor,
    frame_marking,
    rid,
    toffset,
    video_content_type,
    video_layers_allocation,
    video_orientation,
    count_
};

// Extension ids of one conference (0 = not negotiated). Jitsi uses the same ids for everybody.
struct ExtensionIds {
    std::array<std::uint8_t, static_cast<std::size_t>(Extension::count_)> id{};
    std::uint8_t operator[](Extension e) const { return id[static_cast<std::size_t>(e)]; }
    void set(Extension e, std::uint8_t value) { id[static_cast<std::size_t>(e)] = value; }
};

// One simulcast stream (or the only stream) of a source.
struct Encoding {
    Ssrc primary;
    std::optional<Ssrc> rtx;
};

struct MediaSource {
    SourceName name;
    EndpointId owner;
    MediaType type = MediaType::audio;
    VideoType video_type = VideoType::camera;
    std::vector<Encoding> encodings;  // lowest resolution first, as in the SIM group
};

}  // namespace jmeet::bridge
