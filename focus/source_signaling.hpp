// Tells participants who sends what: in the offer, and later by source-add and source-remove in
// batches. Recipients with SSRC rewriting hear only of the bridge's own sources; for everything
// else they have the bridge channel.
//
// Owned by Conference; control thread.
#pragma once

#include "focus/conference_state.hpp"

namespace jmeet::focus {

class SourceSignaling {
 public:
    explicit SourceSignaling(ConferenceState& conference);

    // What goes into this participant's offer; from then on only differences are told.
    ConferenceSourceMap start_offer(Participant& recipient, const EndpointSourceSet& feedback);
    // Its session was begun by another process: it knows what the others sent then.
    void adopt(Participant& recipient);
    // Its session was accepted: what was queued meanwhile goes out now.
    void start(Participant& recipient);
    void stop(Participant& recipient);

    void add(const std::string& owner, const EndpointSourceSet& set);
    void remove(const std::string& owner, const EndpointSourceSet& set);
    // The owner left the room: clients drop its sources by themselves.
    void forget(const std::string& owner);

 private:
    void schedule(Participant& recipient);
    void flush(Participant& recipient);
    void send(const Participant& recipient, xmpp::JingleAction action,
              const ConferenceSourceMap& sources);
    milliseconds delay() const;

    ConferenceState& conference_;
    SourceSignalingDelays delays_;
};

}  // namespace jmeet::focus
