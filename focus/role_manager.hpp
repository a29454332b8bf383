// Who is made owner of a room: the first person (Jitsi's conference.enable-auto-owner), or, where
// people log in, everybody who has.
//
// Owned by Conference, made once the room is joined; control thread. A grant that fails is only
// logged: whoever was chosen stays the one that is counted upon. XEP-0045 10.
#pragma once

#include <set>
#include <string>

#include "base/task_group.hpp"
#include "focus/conference_state.hpp"
#include "xmpp/muc.hpp"

namespace jmeet::focus {

// Whom to count upon: a person who is owner already, else the first person who may become one.
// nullptr: nobody yet. Pure.
const Member* choose_owner(const Members& members);

class RoleManager {
 public:
    RoleManager(ConferenceState& conference, xmpp::MucRoom& room, TaskGroup& tasks);

    enum class Mode : std::uint8_t { nobody, first_person, by_session };
    void enable(Mode mode) { mode_ = mode; }
    // Also when somebody has logged in.
    void on_members_changed();
    // What failed for want of rights is tried again.
    void on_own_rights_changed();
    void on_member_left(const std::string& id);
    const std::string& owner() const { return owner_; }
    const char* name() const;

 private:
    void elect();
    void grant_by_session();
    void start_grant(const Member& member);
    awaitable<void> grant(std::string id, xmpp::Jid real_jid);

    ConferenceState& conference_;
    xmpp::MucRoom& room_;
    TaskGroup& tasks_;
    Mode mode_ = Mode::nobody;
    std::string owner_;  // of first_person: the member's id; empty: nobody is counted upon
    std::set<std::uint64_t> asked_for_;  // of by_session: members, by serial
};

}  // namespace jmeet::focus
