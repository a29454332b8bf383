// Runs the bandwidth allocations of a conference's receivers and tells senders what is wanted of
// them. Owned by the Conference; media worker; never on the packet path: what asks for a run only
// notes it, the runs are made when the batch is done.
#pragma once

#include <unordered_set>
#include <vector>

#include "bridge/conference_speech.hpp"
#include "bridge/members.hpp"

namespace jmeet::bridge {

class ConferenceVideo {
 public:
    ConferenceVideo(Members& members, const ConferenceSpeech& speech,
                    const AllocationConfig& config)
        : members_(members), speech_(speech), config_(config) {}

    void want_all() { all_ = true; }
    void want(const Endpoint& receiver) { some_.insert(receiver.token()); }
    bool wanted() const { return all_ || !some_.empty(); }
    // Runs what is wanted. In a large conference runs for everybody are kept apart, so that they
    // take at most one part in kShare of the worker's time; until then they stay wanted.
    void run(TimePoint now);

    // A receiver or a source is gone: senders may rest.
    void remove_receiver(const Endpoint& receiver);

 private:
    // LIMIT: 5 % of the worker. A hundred people take some milliseconds a run, and their layers
    // change several times a second.
    static constexpr int kShare = 20;

    std::vector<OfferedSource> offered_sources(TimePoint now) const;
    void tell_senders(Endpoint& receiver);

    Members& members_;
    const ConferenceSpeech& speech_;
    const AllocationConfig& config_;
    bool all_ = false;
    TimePoint next_for_all_{};
    std::unordered_set<EndpointToken> some_;
};

}  // namespace jmeet::bridge
