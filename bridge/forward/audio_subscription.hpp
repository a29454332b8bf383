// Which audio a receiver gets: ReceiverAudioSubscription against the conference's audio sources.
//
// AudioSources: one per conference; AudioSubscription: one per receiver; both on the media worker.
// wants() is asked per packet and receiver and allocates nothing. Names resolve now and later: a
// source signalled after the subscription is picked up.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"

namespace jmeet::bridge {

enum class AudioOrigin : std::uint8_t { regular, synthetic };

class AudioSources {
 public:
    struct Source {
        SourceName name;
        AudioOrigin origin = AudioOrigin::regular;
    };

    void add(Ssrc ssrc, const SourceName& name, AudioOrigin origin = AudioOrigin::regular);
    void remove(Ssrc ssrc) { by_ssrc_.erase(ssrc); }
    // Null: not signalled; never forwarded.
    const Source* find(Ssrc ssrc) const;

 private:
    std::unordered_map<Ssrc, Source> by_ssrc_;
};

// What happens to sources that the subscription does not name.
enum class Unnamed : std::uint8_t { none, all };

class AudioSubscription {
 public:
    // Replaces the previous subscription entirely.
    void set(Unnamed unnamed, const std::vector<SourceName>& include,
             const std::vector<SourceName>& exclude);
    bool is_set() const { return set_; }

    bool wants(const AudioSources::Source& source) const;
    // False for what is not signalled.
    bool wants(const AudioSources& sources, Ssrc ssrc) const {
        const AudioSources::Source* source = sources.find(ssrc);
        return source && wants(*source);
    }
    // Named in include: exempt from loudest-only dropping.
    const std::unordered_set<SourceName>& included() const { return include_; }

 private:
    bool set_ = false;
    Unnamed unnamed_ = Unnamed::all;
    std::unordered_set<SourceName> include_;
    std::unordered_set<SourceName> exclude_;
};

}  // namespace jmeet::bridge
