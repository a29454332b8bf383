// Inviting a participant: offer -> bridge -> session-initiate -> answer, one coroutine per invite;
// and the ways in which a session ends again (XEP-0166 as Jicofo uses it).
//
// Owned by Conference; control thread. LIMIT: invites that follow each other because a bridge
// keeps failing wait longer each time, up to ten seconds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/task_group.hpp"
#include "focus/bridges/conference_bridges.hpp"
#include "focus/conference_state.hpp"
#include "focus/source_signaling.hpp"

namespace jmeet::focus {

// The start-muted policy concerns only those who have just joined.
enum class InviteKind : std::uint8_t { just_joined, again };

// How a session ends: what the client and the others are told.
struct SessionEnd {
    std::string reason;  // "expired", "success", "general-error", "gone"
    std::string text;
    enum class Tell : std::uint8_t { client, nobody } tell = Tell::nobody;
    // Members who leave take their sources with them; others need a source-remove.
    enum class Sources : std::uint8_t { remove, forget } sources = Sources::remove;
};

// Pure: which of the two media a new participant starts muted with.
xmpp::StartMuted start_muted(const ConferenceState& conference, const Member& member,
                             InviteKind kind);

class Inviter {
 public:
    struct Events {
        // Selection failed (true) or worked again (false): shown in the focus' presence.
        std::function<void(bool none_available)> on_bridge_availability;
        // The invite failed and the participant is one no more.
        std::function<void()> on_participants_changed;
    };

    Inviter(ConferenceState& conference, ConferenceBridges& bridges, SourceSignaling& signaling,
            TaskGroup& tasks, Events events);

    // Makes the member a participant (unless it is one) and starts its invite.
    void invite(const Member& member);
    // Ends the participants' sessions with "moving" and invites them again: first all ends, so that
    // no offer tells of sources that go a moment later.
    void reinvite(const std::vector<std::string>& ids);
    // Those who were invited and have neither a session nor an invite under way.
    void invite_waiting();
    // A client asked for it, and has already ended its side.
    void restart(const std::string& id);
    // The participant is one no more.
    void terminate(const std::string& id, const SessionEnd& end);
    void tell_participants_changed() { events_.on_participants_changed(); }
    // A bridge did its work: the next failure is a first one again.
    void on_session_accepted() { failures_ = 0; }
    // The session on a bridge failed.
    void on_bridge_failure() { ++failures_; }

 private:
    awaitable<void> run(std::string id, std::uint64_t serial, InviteKind kind, Duration pause);
    void start(Participant& participant, InviteKind kind);
    void end_session(Participant& participant, const SessionEnd& end);
    bool is_wanted(const std::string& id, std::uint64_t serial) const;
    EndpointWish make_wish(const Participant& participant) const;
    void on_not_allocated(const std::string& id, AllocationFailure failure);
    xmpp::Jingle open_session(Participant& participant, const Allocation& allocation,
                              InviteKind kind);
    Duration pause() const;

    ConferenceState& conference_;
    ConferenceBridges& bridges_;
    SourceSignaling& signaling_;
    TaskGroup& tasks_;
    Events events_;
    log::Logger log_;
    std::uint64_t next_serial_ = 1;
    int failures_ = 0;
};

}  // namespace jmeet::focus
