// Conferences that an operator has pinned to a version of bridges, for a while.
//
// Owned by Rooms; control thread. A pin is read when its conference is created; it does not move
// one that runs.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "xmpp/jid.hpp"

namespace jmeet::focus {

class BridgePins {
 public:
    // Wall time: an operator reads when a pin ends.
    using Time = std::chrono::system_clock::time_point;
    struct Pin {
        xmpp::Jid conference;
        std::string version;
        Time expires;  // in whole seconds
    };
    // LIMIT: a pin is set by hand or by a roll-out script.
    static constexpr std::size_t kMaxPins = 10'000;

    // Replaces an earlier pin of the conference. False: there are too many.
    bool set(const xmpp::Jid& conference, std::string version, std::chrono::minutes duration,
             Time now);
    void remove(const xmpp::Jid& conference) { pins_.erase(conference); }
    std::optional<std::string> version_for(const xmpp::Jid& conference, Time now);
    std::vector<Pin> all(Time now);

 private:
    void forget_expired(Time now);

    std::map<xmpp::Jid, Pin> pins_;
};

}  // namespace jmeet::focus
