// What one endpoint has negotiated: payload types and header extensions, as COLIBRI2's <media>
// said them. Additive: nothing is ever taken away, the same payload type number overwrites.
//
// Values; made on the control side, copied to the media worker whole.
#pragma once

#include <array>
#include <optional>

#include "bridge/rtp/media.hpp"

namespace jmeet::bridge {

struct NegotiatedFormat {
    PayloadFormat format;
    MediaType media = MediaType::audio;
};

enum class TwoByteExtensions : std::uint8_t { no, yes };

struct MediaFormats {
    std::array<std::optional<NegotiatedFormat>, 128> by_pt{};
    ExtensionIds extensions;
    TwoByteExtensions mixed = TwoByteExtensions::no;  // extmap-allow-mixed
    bool accepts_audio = false;
    bool accepts_video = false;
    bool pli = false;
    bool transport_cc = false;
    bool remb = false;

    const NegotiatedFormat* find(std::uint8_t pt) const {
        return pt < by_pt.size() && by_pt[pt] ? &*by_pt[pt] : nullptr;
    }
    // The rtx payload type that repairs `pt`.
    std::optional<std::uint8_t> rtx_for(std::uint8_t pt) const {
        for (const auto& f : by_pt) {
            if (f && f->format.codec == Codec::rtx && f->format.rtx_apt == pt) return f->format.pt;
        }
        return std::nullopt;
    }
};

}  // namespace jmeet::bridge
