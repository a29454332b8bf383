// The bridges that are in the brewery: who came, who left, who shuts down, who is healthy.
//
// Owned by Services; control thread. One brewery room on the focus' own XMPP connection, joined
// again by itself for as long as the focus lives. The embedded SFU is one of its occupants; it is
// known by its nick and spoken to by a function call, and it stays when only its presence is gone.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/task_group.hpp"
#include "focus/bridges/bridge.hpp"
#include "focus/bridges/heartbeat_state.hpp"
#include "focus/bridges/reactions.hpp"
#include "focus/bridges/selection.hpp"
#include "xmpp/client.hpp"

namespace jmeet::focus {

// LIMIT: bridges of one focus; each one costs a health check every ten seconds.
inline constexpr std::size_t kMaxBridges = 1'000;

class BridgeWatcher {
 public:
    virtual ~BridgeWatcher() = default;
    // A bridge that may be chosen: it has come, or has become fit again.
    virtual void on_bridge_usable(Bridge&) {}
    // Its conferences have to go elsewhere: it left, failed a check, or is shutting down.
    // The sentence part completes "Re-inviting [..] because <jid> ...".
    virtual void on_bridge_lost(Bridge&, const std::string& why) { (void)why; }
};

struct BridgeCounts {
    int known = 0;
    int operational = 0;  // graceful shutdown included
    int in_shutdown = 0;
    int versions = 0;
    std::uint64_t lost = 0;
    std::uint64_t media_lost = 0;  // heartbeats that ended
    // Bridges that a selection met while their conference had just sent too many there.
    std::uint64_t rate_limited = 0;
};

class BridgeList final : public xmpp::MucEvents {
 public:
    // The embedded SFU, if there is one.
    struct Local {
        std::string nick;
        LocalBridgeCalls calls;
    };

    BridgeList(xmpp::Client& client, const FocusConfig& config, std::optional<Local> local);
    ~BridgeList() override;

    // Starts joining the brewery; goes on for ever.
    void start();
    awaitable<void> stop();
    void watch(BridgeWatcher& watcher) { watchers_.push_back(&watcher); }

    BridgePointers all() const;
    std::shared_ptr<Bridge> find(const xmpp::Jid& jid) const;
    // Logs why there is none.
    std::shared_ptr<Bridge> select(const std::vector<ConferenceBridge>& conference,
                                   const ParticipantProperties& participant,
                                   const std::optional<std::string>& pinned_version);
    BridgeCounts counts() const;
    // Sets the flag after a refused or unanswered allocation.
    void mark_failed(Bridge& bridge);
    // A client's ICE failed there. Several within a short time: its calls go elsewhere.
    void on_ice_failed(Bridge& bridge, const std::string& endpoint);
    bool another_usable(const Bridge& than) const;
    // In the brewery, and everybody there is known.
    bool joined() const { return room_ && room_->joined(); }
    const BridgeConfig& config() const { return config_.bridge; }
    std::string strategy_name() const { return strategy_->name(); }

    // MucEvents
    void on_occupant_joined(const xmpp::Occupant& occupant) override;
    void on_presence_changed(const xmpp::Occupant& now, const xmpp::Occupant& before) override;
    void on_occupant_left(const xmpp::Occupant& last, xmpp::MucDeparture why,
                          const xmpp::MucPresence& presence) override;
    void on_room_left(xmpp::MucRoomEnd end, const std::string& reason) override;
    void on_room_rejoined() override;

 private:
    awaitable<void> join();
    void on_presence(const xmpp::Occupant& occupant);
    void add(const xmpp::Occupant& occupant, const xmpp::BridgeStats& stats,
             std::optional<xmpp::BridgeHeartbeat> heartbeat);
    void remove(const xmpp::Jid& jid);
    std::unique_ptr<BridgeLink> make_link(const xmpp::Jid& jid) const;
    bool is_local(const xmpp::Jid& jid) const;
    awaitable<void> watch_health(std::shared_ptr<Bridge> bridge);
    awaitable<HealthOutcome> check(std::shared_ptr<Bridge> bridge);
    void apply_health(Bridge& bridge, HealthOutcome outcome);
    // bridge_heartbeat.cpp
    awaitable<void> watch_heartbeat(std::shared_ptr<Bridge> bridge);
    void on_heartbeat(Bridge& bridge, HeartbeatState::Event event, const std::string& where);
    void move_off(Bridge& bridge, const std::string& why);
    void move_stranded();
    awaitable<void> leave_failing(xmpp::Jid jid);
    void tell_usable(Bridge& bridge);
    void tell_lost(Bridge& bridge, const std::string& why);

    xmpp::Client& client_;
    const FocusConfig& config_;
    std::optional<Local> local_;
    std::unique_ptr<SelectionStrategy> strategy_;
    std::unique_ptr<xmpp::MucRoom> room_;
    // shared_ptr: a request in flight may end after the bridge has left.
    std::map<xmpp::Jid, std::shared_ptr<Bridge>> bridges_;
    std::set<xmpp::Jid> out_of_service_;  // failed, and not yet told usable again
    std::set<xmpp::Jid> stranded_;  // silent, and no other bridge could take their calls
    std::vector<BridgeWatcher*> watchers_;
    std::uint64_t lost_ = 0;
    std::uint64_t media_lost_ = 0;
    std::uint64_t rate_limited_ = 0;
    std::vector<xmpp::Jid> unconfirmed_;  // known before the connection was lost
    log::Logger log_;
    log::Logger brewery_log_;
    TaskGroup tasks_;
};

}  // namespace jmeet::focus
