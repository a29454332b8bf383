// Which audio packets of an endpoint go on: silence and forced mute are dropped, levels feed
// speaker detection.
//
// One per sending endpoint, over all of its audio SSRCs, owned by its EndpointInput. Pure.
// RFC 6464: level 0 is loudest, 127 is silence.
#pragma once

#include <cstdint>
#include <optional>

namespace jmeet::bridge {

enum class AudioMute : std::uint8_t { off, forced };
enum class AudioVerdict : std::uint8_t { forward, drop_silence, drop_forced_mute };

struct AudioDecision {
    AudioVerdict verdict = AudioVerdict::forward;
    // 0 (silent) ... 127 (loudest); empty without the extension and for dropped packets.
    std::optional<std::uint8_t> loudness;
};

class AudioFilter {
 public:
    static constexpr std::uint8_t kSilence = 127;
    // LIMIT: silent packets of a run that pass, so that receivers hear a word fade out; as many
    // as Jitsi's bridge lets through.
    static constexpr int kForwardedSilence = 4;

    // `level`: the extension's low seven bits, empty if the packet has none. Forced mute drops
    // packets with and without a level.
    AudioDecision on_packet(std::optional<std::uint8_t> level, AudioMute mute) {
        if (mute == AudioMute::forced) return {AudioVerdict::drop_forced_mute, std::nullopt};
        if (!level) return {};
        if (*level < kSilence) {
            run_ = 0;
        } else if (++run_ > kForwardedSilence) {
            run_ = kForwardedSilence;
            return {AudioVerdict::drop_silence, std::nullopt};
        }
        return {AudioVerdict::forward, static_cast<std::uint8_t>(kSilence - *level)};
    }

 private:
    int run_ = 0;
};

}  // namespace jmeet::bridge
