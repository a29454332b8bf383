// Sends trains of probe packets at their rate: how many bytes are due now.
//
// One per estimator; no allocation. Timers may be coarse: a call that comes late catches up, one
// that comes more than 20 ms late ends the train, since its rate would be a lie.
// LIMIT: one train at a time; a new one replaces it.
#pragma once

#include <optional>

#include "bridge/bwe/probe.hpp"

namespace jmeet::bridge {

class Prober {
 public:
    // Gives the train its id.
    ProbeCluster start(std::int64_t bps, TimePoint now);
    void stop() { current_.reset(); }
    // Bytes due now, counted as sent; 0 bytes: nothing to do.
    PaddingOrder due(TimePoint now);
    void on_sent(const PaddingOrder& order, std::size_t bytes);
    bool busy() const { return current_.has_value(); }
    TimePoint next() const;

 private:
    std::optional<ProbeCluster> current_;
    TimePoint started_;
    TimePoint last_call_;
    std::size_t sent_ = 0;
    ProbeId last_id_ = kNoProbe;
};

}  // namespace jmeet::bridge
