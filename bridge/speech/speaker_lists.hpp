// Orders that follow from who speaks: speech activity, last-N order, recent speakers.
//
// One SpeakerLists per conference, on its media worker; visitors are not part of it.
// Every change of membership syncs the lists at once: a ghost would hold a last-N place.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace jmeet::bridge {

// Most recent first; remembers everybody who was ever dominant and is still here.
class RecentSpeakers {
 public:
    explicit RecentSpeakers(std::size_t shown) : shown_(shown) {}

    // True when the shown list changed.
    bool promote(const EndpointId& speaker);
    bool retain(std::span<const EndpointId> members);
    std::span<const EndpointId> list() const;

 private:
    std::size_t shown_;
    std::vector<EndpointId> all_;
};

struct SpeakerListChange {
    bool announce_speaker = false;   // send DominantSpeakerEndpointChangeEvent to everybody
    bool last_n_order = false;       // re-allocate for every receiver
};

enum class VideoAvailability : std::uint8_t { none, available };

struct ConferenceMember {
    EndpointId id;
    VideoAvailability video = VideoAvailability::none;
};

class SpeakerLists {
 public:
    // recent-speakers-count 10: the dominant one and ten previous.
    explicit SpeakerLists(std::size_t recent_count = 10) : recent_(recent_count + 1) {}

    // Joins, leaves and video on/off: the whole current membership, in order of joining.
    SpeakerListChange sync(std::span<const ConferenceMember> members);
    SpeakerListChange on_dominant(const EndpointId& speaker);
    SpeakerListChange on_silence();

    const std::vector<EndpointId>& by_speech_activity() const { return by_speech_; }
    const std::vector<EndpointId>& last_n_order() const { return last_n_; }
    // The dominant speaker first; empty before anybody was dominant.
    std::span<const EndpointId> recent() const { return recent_.list(); }
    bool in_silence() const { return in_silence_; }

 private:
    bool recompute_last_n();

    std::vector<EndpointId> by_speech_;
    std::vector<EndpointId> last_n_;
    std::vector<ConferenceMember> members_;
    RecentSpeakers recent_;
    bool in_silence_ = false;
};

}  // namespace jmeet::bridge
