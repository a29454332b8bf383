// Which audio packets of an endpoint go on: silence is dropped, levels feed speaker detection.
//
// One SilenceFilter per sending endpoint, on its media worker; called for every audio packet
// before it is decrypted. Nothing allocates. RFC 6464: level 0 is loudest, 127 is silence.
#pragma once

#include <cstdint>
#include <optional>

namespace jmeet::bridge {

constexpr std::uint8_t kSilenceLevel = 127;

enum class AudioMute : std::uint8_t { off, forced };

enum class AudioVerdict : std::uint8_t { forward, drop_silence, drop_forced_mute };

struct AudioDecision {
    AudioVerdict verdict = AudioVerdict::forward;
    // 0 (silent) ... 127 (loudest), for speaker detection; empty without the extension and for
    // dropped packets.
    std::optional<std::uint8_t> loudness;
};

class SilenceFilter {
 public:
    // LIMIT: silent packets in a row that pass: with the counter check "> 3" four go through, so
    // that receivers hear the end of a word fade instead of stopping.
    static constexpr int kForwardedSilenceLimit = 3;

    // `level`: the RFC 6464 byte's low seven bits, empty if the packet has none. A muted-by-force
    // endpoint's packets are dropped whether or not they carry a level.
    AudioDecision on_packet(std::optional<std::uint8_t> level, AudioMute mute);

 private:
    int silent_in_a_row_ = 0;
};

}  // namespace jmeet::bridge
