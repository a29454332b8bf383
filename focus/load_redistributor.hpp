// Moves participants from one bridge to another: on request, and by itself away from bridges that
// are overloaded while others are not.
//
// Owned by Services; control thread. Conferences with the most endpoints on the bridge go first,
// within one those who are there longest. A conference that goes altogether goes in one piece; a
// normal selection follows, which does not exclude the bridge that was left: drain it first to
// empty it. Jicofo's move-endpoints and load-redistribution.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "focus/rooms.hpp"

namespace jmeet::focus {

// Pure: how many of each, the largest first and of equals the first, until `wanted` are taken.
struct MoveShare {
    std::size_t index;
    int count;
    bool operator==(const MoveShare&) const = default;
};
std::vector<MoveShare> pick_greedily(const std::vector<int>& sizes, int wanted);

class LoadRedistributor {
 public:
    struct Moved {
        int endpoints = 0;
        int conferences = 0;
        bool operator==(const Moved&) const = default;
    };
    // What is not there is told by name: "Bridge" or "Conference".
    struct NotFound {
        std::string what;
    };
    using Outcome = std::variant<Moved, NotFound>;

    LoadRedistributor(BridgeList& bridges, Rooms& rooms, const FocusConfig& config);

    // A full occupant JID, or the nick alone.
    std::shared_ptr<Bridge> find_bridge(const std::string& name) const;
    // `bridge` empty: whichever it is on.
    Outcome move_endpoint(const xmpp::Jid& room, const std::string& id, const std::string& bridge);
    Outcome move_endpoints(const std::string& bridge, const std::optional<xmpp::Jid>& room,
                           int count);
    Outcome move_fraction(const std::string& bridge, double fraction);

    // Where it is switched on: looks every interval, for ever.
    awaitable<void> run();
    // One look.
    void redistribute(TimePoint now);
    // Endpoints that redistribute() has moved.
    std::uint64_t redistributed() const { return redistributed_; }

 private:
    Moved move(const Bridge& bridge, const Conference* only, int count);

    BridgeList& bridges_;
    Rooms& rooms_;
    const FocusConfig& config_;
    std::uint64_t redistributed_ = 0;
    log::Logger log_;
    // LIMIT: one entry for each bridge that is there, forgotten after redistribution_timeout.
    std::map<xmpp::Jid, TimePoint> moved_;
};

}  // namespace jmeet::focus
