// One conference: the room that the focus is in, who is there, and when the call begins and ends.
// Membership and phases only; invites, Jingle, sources and mutes are parts beside it.
//
// Owned by Rooms; control thread. It calls on_ended once, and is destroyed after stop() has been
// awaited. LIMIT: occupants are bounded by the server's room limit and xmpp::kMaxOccupants.
#pragma once

#include <functional>
#include <string>

#include "base/json.hpp"
#include "focus/conference_record.hpp"
#include "focus/conference_state.hpp"
#include "focus/invite.hpp"
#include "focus/mutes.hpp"
#include "focus/role_manager.hpp"
#include "focus/sessions.hpp"
#include "focus/source_signaling.hpp"
#include "focus/visitors.hpp"

namespace jmeet::focus {

// without_signaling: not what each participant was told of sources, which is most of it.
enum class DebugDetail : std::uint8_t { full, without_signaling };

class Conference final : public xmpp::MucEvents, private ConferenceBridgesEvents {
 public:
    Conference(FocusContext& focus, xmpp::Jid room, ConferenceOptions options,
               std::function<void(Conference&)> on_ended);
    ~Conference() override;

    // Before start(): go on with this one.
    void restore_from(ConferenceRecord record) { before_ = std::move(record); }
    // Joins the room and publishes the focus' presence. The error is a sentence; the conference
    // has ended then.
    awaitable<Result<void>> start();
    // The room is left, and every coroutine of the conference has ended.
    awaitable<void> stop();
    // Leaves the room; on_ended follows.
    void end(const std::string& why);

    const xmpp::Jid& room() const { return state_.room; }
    bool ready() const { return phase_ == Phase::joined; }
    bool ended() const { return phase_ == Phase::ended; }
    // Of a breakout room; empty otherwise.
    const std::optional<xmpp::Jid>& main_room() const { return main_room_; }
    const ConferenceState& state() const { return state_; }
    const ConferenceBridges* bridges() const { return bridges_ ? &*bridges_ : nullptr; }
    std::string owner() const { return roles_.owner(); }

    // Another request for this room: people have more time to come.
    void on_requested();
    // Somebody has logged in, perhaps one who is here.
    void on_authenticated() { roles_.on_members_changed(); }
    xmpp::Element on_jingle(const xmpp::Element& iq);
    xmpp::Element on_mute(const xmpp::Element& iq, const xmpp::Mute& request);
    void on_room_metadata(xmpp::RoomMetadata metadata);
    void on_av_moderation(const xmpp::AvModeration& message);
    void on_bridge_usable();
    void on_bridge_lost(const Bridge& bridge, const std::string& why);
    void on_breakout_ended();
    // conference_moves.cpp: how many are there; invites so many of them anew, those who are there
    // longest first (how many it were); invites one anew, if it is on that bridge (nullptr: any).
    int endpoints_on(const Bridge& bridge) const;
    int move_from(const Bridge& bridge, int count);
    bool move_endpoint(const std::string& id, const Bridge* from);
    // What a successor needs; since the last call it has changed.
    ConferenceRecord record() const { return record_of(state_, bridges()); }
    bool take_changed() { return std::exchange(state_.changed, false); }
    // One object: GET /debug/conference/<room>
    void write_debug(json::Writer& out, DebugDetail detail) const;

    // MucEvents
    void on_occupant_joined(const xmpp::Occupant& occupant) override;
    void on_occupant_left(const xmpp::Occupant& last, xmpp::MucDeparture why,
                          const xmpp::MucPresence& presence) override;
    void on_presence_changed(const xmpp::Occupant& now, const xmpp::Occupant& before) override;
    void on_self_changed(const xmpp::Occupant& now, const xmpp::Occupant& before) override;
    void on_room_left(xmpp::MucRoomEnd end, const std::string& reason) override;
    void on_room_rejoined() override;

 private:
    enum class Phase : std::uint8_t { created, joining, joined, ended };

    void read_form(const xmpp::DataForm& form);
    void read_visitor_settings(const xmpp::DataForm& form);
    awaitable<void> wait_for_metadata();
    void make_parts();
    // conference_restore.cpp
    void adopt(const ConferenceRecord& record);
    void reconcile();
    void ask_bridge_again();
    void take_presence(Member& member, const xmpp::Occupant& occupant);
    awaitable<void> discover(std::string id, std::uint64_t serial);
    void on_member_ready(const std::string& id);
    void on_member_left(const std::string& id, const std::string& status);
    void forget_member(const std::string& id);
    void invite_everybody();
    void reinvite(const std::vector<std::string>& ids);
    void check_if_over(const std::string& status);
    void start_initial_timer();
    void count_time();
    void time_out_single_participant();
    int min_participants() const;
    void update_sender_limits();
    void set_property(const char* key, const std::string& value);
    void publish();

    // ConferenceBridgesEvents
    void on_reinvite(const std::vector<std::string>& ids, const std::string& why) override;
    void on_bridge_count(int bridges) override;

    ConferenceState state_;
    std::function<void(Conference&)> on_ended_;
    Phase phase_ = Phase::created;
    bool starting_ = false;  // start() runs
    bool metadata_seen_ = false;
    std::optional<ConferenceRecord> before_;
    std::optional<xmpp::Jid> main_room_;
    xmpp::MucRoom muc_;
    Timer initial_timer_;
    Timer single_timer_;
    Visitors visitors_;
    // Made once the meeting id is known.
    std::optional<ConferenceBridges> bridges_;
    SourceSignaling signaling_;
    std::optional<Inviter> inviter_;
    std::optional<JingleSessions> sessions_;
    std::optional<Mutes> mutes_;
    TaskGroup tasks_;
    RoleManager roles_;
};

}  // namespace jmeet::focus
