// What a member's client can do, read once from its disco#info (XEP-0030, XEP-0115).
//
// A value; control thread. Unknown features are ignored. Jitsi's feature names.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace jmeet::focus {

enum class Feature : std::uint8_t {
    audio,
    video,
    sctp,
    rtx,
    remb,
    tcc,
    json_sources,
    ssrc_rewriting,
    rtp_mid_demux,
    opus_red,
    audio_mute,  // a Jigasi that may be force-muted
    start_muted_room_metadata,
    count_
};

class Features {
 public:
    Features() = default;
    Features(std::initializer_list<Feature> features) {
        for (const Feature f : features) add(f);
    }
    bool has(Feature f) const { return (bits_ & bit(f)) != 0; }
    void add(Feature f) { bits_ |= bit(f); }
    // For records; unknown bits are dropped.
    std::uint32_t bits() const { return bits_; }
    static Features from_bits(std::uint32_t bits) {
        Features result;
        result.bits_ = bits & (bit(Feature::count_) - 1);
        return result;
    }
    // Names as upstream prints them: AUDIO, SSRC_REWRITING_V1, ...
    std::vector<std::string> names() const;
    bool operator==(const Features&) const = default;

 private:
    static std::uint32_t bit(Feature f) { return 1U << static_cast<unsigned>(f); }
    std::uint32_t bits_ = 0;
};

Features parse_features(const std::vector<std::string>& disco_features);

// For a member that did not answer disco#info in time: audio, video, sctp and nothing else.
Features assumed_features();

}  // namespace jmeet::focus
