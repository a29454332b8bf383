// Auto-owner: in a room without an owner the first person becomes one (Jitsi's
// conference.enable-auto-owner).
//
// Owned by Conference, made once the room is joined; control thread. A grant that fails is only
// logged: whoever was chosen stays the one that is counted upon. XEP-0045 10.
#pragma once

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

    // Off for breakout rooms and by configuration.
    void enable() { enabled_ = true; }
    void on_members_changed();
    void on_member_left(const std::string& id);
    const std::string& owner() const { return owner_; }

 private:
    awaitable<void> grant(std::string id, xmpp::Jid real_jid);

    ConferenceState& conference_;
    xmpp::MucRoom& room_;
    TaskGroup& tasks_;
    bool enabled_ = false;
    std::string owner_;  // the member's id; empty: nobody is counted upon
};

}  // namespace jmeet::focus
