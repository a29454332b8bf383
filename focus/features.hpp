// What a participant's client can do, from its disco#info answer (XEP-0030).
//
// A plain value; control thread. Read once per member, on join.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jmeet::focus {

struct ParticipantFeatures {
    bool audio = false;
    bool video = false;
    bool sctp = false;
    bool rtx = false;
    bool remb = false;
    bool tcc = false;
    bool json_sources = false;
    bool ssrc_rewriting = false;
    bool rtp_mid_demux = false;
    bool opus_red = false;
    bool audio_mute = false;  // Jigasi: can be force-muted
    bool start_muted_room_metadata = false;

    // Unknown features are ignored; an empty list is an empty set.
    static ParticipantFeatures from(const std::vector<std::string>& features);
    // For who does not answer: audio, video and sctp only.
    static ParticipantFeatures assumed();
    bool operator==(const ParticipantFeatures&) const = default;
};

}  // namespace jmeet::focus
