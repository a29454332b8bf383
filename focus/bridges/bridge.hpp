// One bridge as the focus sees it: what its presence says, what happened to requests, and how much
// this focus has just put on it. COLIBRI2 goes through its link.
//
// Owned by BridgeList; control thread. Shared, because a request in flight may end after the
// bridge has left the brewery. A bridge that comes back is a new object.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "focus/bridges/bridge_link.hpp"
#include "focus/focus_config.hpp"
#include "xmpp/bridge_heartbeat.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/jitsi_stats.hpp"

namespace jmeet::focus {

// Counts events in 100 ms buckets; an event counts for the window and at most one bucket more.
class RecentCount {
 public:
    explicit RecentCount(milliseconds window);
    void add(TimePoint now);
    int count(TimePoint now);

 private:
    struct Bucket {
        std::int64_t index;
        int events;
    };
    void forget_old(std::int64_t index);

    // LIMIT: one bucket per 100 ms of the window.
    std::deque<Bucket> buckets_;
    std::int64_t window_buckets_;
    int total_ = 0;
};

class Bridge {
 public:
    Bridge(xmpp::Jid jid, const BridgeConfig& config, std::unique_ptr<BridgeLink> link);

    const xmpp::Jid& jid() const { return jid_; }
    std::string nick() const { return jid_.resource(); }
    BridgeLink& link() { return *link_; }

    enum class StatsEffect { none, began_to_shut_down };
    StatsEffect apply(const xmpp::BridgeStats& stats, TimePoint now);

    // What its media port says; unknown: it was never asked, or never answered.
    enum class Media : std::uint8_t { unknown, alive, silent };
    Media media() const { return media_; }
    void set_media(Media media) {
        media_ = media;
        if (media == Media::alive) doubtful_ = false;
    }
    const std::optional<xmpp::BridgeHeartbeat>& heartbeat() const { return heartbeat_; }
    void set_heartbeat(xmpp::BridgeHeartbeat heartbeat) { heartbeat_ = std::move(heartbeat); }
    // It was in the brewery before us and has shown no life since: a server lists the dead, too, for
    // its hibernation time.
    bool doubtful() const { return doubtful_; }
    void set_doubtful() { doubtful_ = true; }
    // Out of the brewery while its media is alive.
    bool detached() const { return detached_; }
    void set_detached(bool detached) { detached_ = detached; }

    // False for failure-reset-threshold after any failure, whatever passed meanwhile; false while
    // its media is silent or nobody can speak to it.
    bool operational(TimePoint now) const;
    void set_operational() {
        operational_ = true;
        doubtful_ = false;
    }
    void set_failed(TimePoint now);

    bool draining() const { return draining_; }
    bool in_graceful_shutdown() const { return graceful_shutdown_; }
    bool shutting_down() const { return shutting_down_; }
    void set_graceful_shutdown() { graceful_shutdown_ = true; }
    bool healthy() const { return healthy_; }
    std::optional<TimePoint> last_presence() const { return last_presence_; }
    const std::optional<std::string>& region() const { return region_; }
    const std::optional<std::string>& relay_id() const { return relay_id_; }
    const std::optional<std::string>& version() const { return version_; }
    const std::optional<std::string>& release() const { return release_; }
    // version[-release]; bridges of one conference must have the same.
    std::optional<std::string> full_version() const;

    double stress() const { return stress_; }
    double corrected_stress(TimePoint now);
    bool overloaded(TimePoint now);

    // An allocation is about to be asked for; never taken back.
    void allocation_attempted(TimePoint now) { recent_.add(now); }
    void endpoint_added() { ++endpoints_; }
    void endpoint_removed() { endpoints_ -= endpoints_ > 0 ? 1 : 0; }
    int endpoints() const { return endpoints_; }
    // A client asked for a restart while on this bridge.
    void restart_requested(TimePoint now);
    int restart_requests() const { return restart_requests_; }
    // Away from here, because it was overloaded.
    void endpoints_moved(int count) { moved_ += static_cast<std::uint64_t>(count); }
    std::uint64_t moved() const { return moved_; }
    bool failing_ice(TimePoint now) const;
    // This endpoint's ICE failed. True when so many different ones did lately, at least two and
    // half of those here, that it is the bridge, or its way to all of them.
    bool ice_failed(const std::string& endpoint, TimePoint now);

    // "Bridge[jid=.., relayId=.., region=.., stress=0.00, version=..]": begins as in every Jicofo.
    std::string to_string(TimePoint now);

 private:
    xmpp::Jid jid_;
    const BridgeConfig& config_;
    std::unique_ptr<BridgeLink> link_;
    double stress_ = 0;
    double average_participant_stress_;
    bool operational_ = true;
    std::optional<xmpp::BridgeHeartbeat> heartbeat_;
    Media media_ = Media::unknown;
    bool doubtful_ = false;
    bool detached_ = false;
    std::map<std::string, TimePoint> ice_failures_;  // by endpoint; only those of kIceWindow
    std::optional<TimePoint> last_failure_;
    bool draining_ = true;  // COMPAT: a bridge that never says drain counts as draining
    bool graceful_shutdown_ = false;
    bool shutting_down_ = false;
    bool healthy_ = true;
    bool has_stats_ = false;
    std::optional<TimePoint> last_presence_;
    std::optional<std::string> region_, relay_id_, version_, release_;
    RecentCount recent_;
    RecentCount recent_restarts_;
    std::optional<TimePoint> failing_ice_until_;
    int endpoints_ = 0;
    int restart_requests_ = 0;
    std::uint64_t moved_ = 0;
};

}  // namespace jmeet::focus
