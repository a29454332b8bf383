// The bridge side of one conference: which bridge carries it, which endpoints are there, and the
// one ordered stream of COLIBRI2 requests to it.
//
// Owned by Conference; control thread. Requests leave in the order of the calls; answers come in
// any order. Nothing is sent twice: every recovery is "drop the session, invite everybody anew".
// LIMIT: one bridge per conference, as with Jicofo without Octo.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/task_group.hpp"
#include "focus/bridges/bridge_list.hpp"
#include "focus/bridges/one_shot.hpp"
#include "focus/bridges/reactions.hpp"
#include "xmpp/colibri2.hpp"

namespace jmeet::focus {

// What an endpoint needs of a bridge.
struct EndpointWish {
    std::string id;
    std::string stats_id;
    std::vector<xmpp::RtpDescription> media;
    Sctp sctp = Sctp::not_wanted;
    std::vector<std::string> capabilities;  // besides source-names
    bool visitor = false;
    xmpp::colibri2::ForceMute force_mute;
    ParticipantProperties properties;
};

struct Allocation {
    xmpp::IceUdpTransport ice;
    std::optional<std::uint16_t> sctp_port;
    std::vector<xmpp::colibri2::MediaSource> feedback_sources;
    std::string session_id;  // the same for everybody on that bridge
    std::string region;      // may be empty
};

enum class AllocationFailure : std::uint8_t {
    no_bridge,       // none can be chosen
    given_up,        // for this participant; no retry
    session_failed,  // everybody on the bridge is being invited anew
    superseded,      // the endpoint or its session has gone meanwhile
};
const char* to_string(AllocationFailure failure);
[[noreturn]] void throw_exception_from_error(AllocationFailure, const boost::source_location&);

struct IceRestart {
    enum class Outcome : std::uint8_t { restarted, not_needed, refused, failed };
    Outcome outcome = Outcome::failed;
    std::optional<xmpp::IceUdpTransport> transport;
};

class ConferenceBridgesEvents {
 public:
    virtual ~ConferenceBridgesEvents() = default;
    // These have lost their place on a bridge.
    virtual void on_reinvite(const std::vector<std::string>& ids, const std::string& why) = 0;
    virtual void on_bridge_count(int bridges) = 0;
};

class ConferenceBridges {
 public:
    struct Naming {
        std::string meeting_id;
        std::string room;
        bool rtcstats_enabled = true;
        std::optional<std::string> pinned_version;  // of its bridges
    };

    ConferenceBridges(BridgeList& bridges, Naming naming, ConferenceBridgesEvents& events,
                      log::Logger logger, asio::any_io_executor executor);

    awaitable<Result<Allocation, AllocationFailure>> allocate(EndpointWish wish);
    // No answer is awaited; nothing is sent for an endpoint that has no place.
    struct Update {
        std::optional<xmpp::IceUdpTransport> ice;
        std::optional<std::vector<xmpp::colibri2::MediaSource>> sources;  // the complete list
        std::optional<int> initial_last_n;
    };
    void update(const std::string& id, Update update);
    // One request per bridge, and only for those whose flags change.
    void force_mute(const std::map<std::string, xmpp::colibri2::ForceMute>& wanted);
    awaitable<IceRestart> restart_ice(std::string id);
    // The last one on a bridge takes the conference there with it.
    void expire(const std::vector<std::string>& ids);
    void expire_all();
    // Drops the session on that bridge; who was on it.
    std::vector<std::string> remove_bridge(const xmpp::Jid& jid);

    // A session that another process of ours began there.
    struct Adopted {
        std::string id;
        std::string stats_id;
        bool visitor = false;
        xmpp::colibri2::ForceMute force_mute;  // as the bridge was last told
    };
    void adopt(std::shared_ptr<Bridge> bridge, const std::string& session_id,
               const std::vector<Adopted>& endpoints);

    // Of the endpoint's bridge; empty without a place.
    std::string session_id_of(const std::string& id) const;
    std::shared_ptr<Bridge> bridge_of(const std::string& id) const;
    // What its bridge was told to mute.
    xmpp::colibri2::ForceMute force_mute_of(const std::string& id) const;
    // In the order of coming.
    std::vector<std::string> endpoints_on(const Bridge& bridge) const;
    // Of each bridge in use, for whoever looks; good until anything changes.
    struct SessionView {
        Bridge& bridge;
        const std::string& id;
        bool created;  // the bridge was told to create the conference
        int recently_added;
        const std::vector<std::string>& endpoints;
        const std::vector<xmpp::colibri2::MediaSource>& feedback_sources;
    };
    std::vector<SessionView> sessions() const;
    int bridge_count() const { return static_cast<int>(sessions_.size()); }
    // Sessions dropped because of a bridge's answers, since the last call.
    std::uint64_t take_failed_sessions() { return std::exchange(failed_sessions_, 0); }

    // Waits a moment for expiries that are under way, then ends.
    awaitable<void> stop();

 private:
    struct Session {
        explicit Session(milliseconds interval) : recent(interval) {}
        std::string id;
        std::shared_ptr<Bridge> bridge;
        bool created = false;                // the bridge was told to create the conference
        std::vector<std::string> endpoints;  // in the order of coming
        RecentCount recent;                  // joins of this conference here
        std::vector<xmpp::colibri2::MediaSource> feedback_sources;
    };
    struct Place {
        std::string session_id;
        std::string stats_id;
        bool visitor = false;
        xmpp::colibri2::ForceMute force_mute;
        std::uint64_t serial = 0;
    };
    using Done = std::function<void(BridgeAnswer)>;

    awaitable<Result<std::string, AllocationFailure>> find_session(EndpointWish wish);
    Session& create_session(std::shared_ptr<Bridge> bridge);
    Session* session(const std::string& session_id);
    std::vector<ConferenceBridge> in_use() const;
    std::uint64_t take_place(Session& session, const EndpointWish& wish);
    void leave_place(const std::string& id);
    bool has_place(const std::string& id, std::uint64_t serial) const;
    xmpp::colibri2::ConferenceModify make_request() const;
    xmpp::colibri2::ConferenceModify make_allocation(const EndpointWish& wish, bool create) const;
    Result<Allocation, AllocationFailure> conclude(const EndpointWish& wish, Session& session,
                                                   const BridgeAnswer& answer);
    void send(const std::shared_ptr<Bridge>& bridge, xmpp::colibri2::ConferenceModify request,
              Done done);
    awaitable<void> ask(std::shared_ptr<Bridge> bridge, xmpp::colibri2::ConferenceModify request,
                        Done done);
    void send_update(const std::string& id, xmpp::colibri2::Endpoint endpoint, Done then = {});
    void on_update_answer(const std::string& session_id, const BridgeAnswer& answer);
    std::vector<std::string> drop_session(const std::string& session_id);
    void fail_session(const std::string& session_id, const std::string& why);
    void send_conference_expire(const std::shared_ptr<Bridge>& bridge);

    BridgeList& bridges_;
    const Naming naming_;
    ConferenceBridgesEvents& events_;
    log::Logger log_;
    std::vector<std::unique_ptr<Session>> sessions_;  // LIMIT: one
    std::map<std::string, Place> places_;
    // A meeting that a bridge is still told to forget must not be created there yet.
    // shared_ptr: awaited by allocations while the answer removes the entry.
    std::map<xmpp::Jid, std::shared_ptr<OneShot<bool>>> expiring_;
    std::uint64_t next_serial_ = 1;
    std::uint64_t failed_sessions_ = 0;
    TaskGroup tasks_;
};

}  // namespace jmeet::focus
