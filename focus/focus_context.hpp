// What every conference needs from the outside, as references that outlive it, and the counters
// that all of them share. Made by Services; control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "focus/auth/auth_sessions.hpp"
#include "focus/bridges/bridge_list.hpp"
#include "focus/caps_stats.hpp"
#include "focus/focus_config.hpp"
#include "focus/offer.hpp"
#include "xmpp/client.hpp"

namespace jmeet::focus {

// Since the start; the names are those of GET /stats.
struct FocusCounters {
    std::uint64_t conference_requests = 0;
    std::uint64_t conference_requests_new = 0;  // for a room without a conference
    std::uint64_t conferences_created = 0;
    double conferences_seconds = 0;  // of conferences that have ended
    std::uint64_t participants = 0;
    std::uint64_t participants_no_start_muted_rmd = 0;  // start muted by metadata is unknown to them
    double endpoint_seconds = 0;  // of participants that have gone
    std::uint64_t participants_moved = 0;
    std::uint64_t bridges_removed = 0;
    std::uint64_t ice_failed = 0;
    std::uint64_t restarts_requested = 0;
    std::uint64_t ice_restarts_requested = 0;
    std::uint64_t ice_restarts_relayed = 0;
    std::uint64_t ice_restarts_not_needed = 0;
    std::uint64_t ice_restarts_failed = 0;
    std::uint64_t xmpp_disconnects = 0;
    std::map<std::string, std::uint64_t> jingle_sent;      // by action, "SESSION_INITIATE"
    std::map<std::string, std::uint64_t> jingle_received;
    CapsStats caps;
};

// The server's components, by the identities of its disco#info; empty where there is none.
struct Components {
    std::string av_moderation;
    std::string room_metadata;
    std::string breakout_rooms;
};

struct FocusContext {
    xmpp::Client& client;
    BridgeList& bridges;
    const FocusConfig& config;
    const OfferConfig offer;
    FocusCounters& counters;
    const Components& components;
    AuthSessions* auth;  // nullptr: nobody logs in
    // Claims a meeting id for a conference; false: another one that lives has it.
    std::function<bool(const std::string& meeting_id)> claim_meeting_id;
    std::function<void(const std::string& meeting_id)> release_meeting_id;
    // A breakout room of this main room is in use.
    std::function<bool(const xmpp::Jid& main_room)> has_breakout_rooms;
};

// Sends a set whose answer nobody waits for.
void send_iq(FocusContext& focus, const xmpp::Jid& to, xmpp::Element payload);
void count_jingle(std::map<std::string, std::uint64_t>& counters, xmpp::JingleAction action);

}  // namespace jmeet::focus
