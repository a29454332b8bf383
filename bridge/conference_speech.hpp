// Who speaks in a conference and what follows from it: the dominant speaker, the recent ones, and
// the order in which video is allocated. Owned by the Conference; media worker.
#pragma once

#include "bridge/channel/messages.hpp"
#include "bridge/forward/named_sources.hpp"
#include "bridge/members.hpp"
#include "bridge/speech/dominant_speaker.hpp"
#include "bridge/speech/loudest.hpp"
#include "bridge/speech/speaker_lists.hpp"

namespace jmeet::bridge {

class ConferenceSpeech {
 public:
    ConferenceSpeech(Members& members, MediaCounters& counters, const LoudestConfig& loudest)
        : members_(members), counters_(counters), config_(loudest), loudest_(loudest) {}

    // False: this packet of `source` goes to nobody, because others are louder.
    bool on_level(const EndpointId& endpoint, const SourceName& source, std::uint8_t loudness,
                  TimePoint now);
    enum class Order : std::uint8_t { same, changed };
    // Somebody joined or left, or a source began or ceased to send video.
    Order sync();
    void remove(const Endpoint& endpoint);
    void subscribe(Endpoint& receiver, const channel::ReceiverAudioSubscription& wish);
    // Every kDecisionInterval while active.
    Order tick(TimePoint now);
    bool active(TimePoint now) const { return dominant_.active(now); }

    const std::vector<EndpointId>& last_n_order() const { return lists_.last_n_order(); }
    const SpeakerLists& lists() const { return lists_; }
    // For a channel that has just opened; nothing before anybody spoke.
    void tell(Endpoint& newcomer) const;

 private:
    Order apply(const SpeakerListChange& change);
    void ask_keyframe_of(const EndpointId& speaker, TimePoint now);
    std::string message() const;

    Members& members_;
    MediaCounters& counters_;
    const LoudestConfig& config_;
    DominantSpeaker dominant_;
    Loudest loudest_;
    NamedSources named_;
    SpeakerLists lists_;
};

}  // namespace jmeet::bridge
