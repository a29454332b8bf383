// Going on where another focus process ended: killed, crashed, or stopped for an upgrade.
//
// The server keeps the old process' session for its hibernation time, and with it the focus'
// place in every room; a client that sees the focus leave gives its meeting up. So the successor
// logs in beside it under another resource, enters the rooms as a second session of the same
// occupant, and only then ends the old session: nobody sees a focus leave. Sessions of clients and
// bridges go on as they were; what no longer agrees is invited anew. Who has logged in stays so.
//
// Owned by Services; control thread. While it runs, changed conferences are written five times a
// second at most, logins every two seconds. XEP-0045 (several sessions of one occupant), XEP-0198.
#pragma once

#include <functional>
#include <string>

#include "base/task_group.hpp"
#include "focus/state_folder.hpp"

namespace jmeet::focus {

class Rooms;

class Succession {
 public:
    // Ends the session with that resource of our own account.
    using Evict = std::function<awaitable<void>(std::string resource)>;

    // Reads what the process before has left. Throws std::runtime_error with one sentence.
    explicit Succession(const std::string& folder);

    // The resource to log in with.
    std::string choose_resource(const std::string& usual) const;
    // Goes on with the login sessions that are noted, and notes these from now on.
    void keep(AuthSessions& logins);
    // Takes over, then keeps the records; to be spawned once.
    awaitable<void> run(BridgeList& bridges, Rooms& rooms, TaskGroup& tasks, Evict evict);
    // Writes all that has changed; from then on the files are the successor's.
    void hand_over(Rooms& rooms);

 private:
    awaitable<void> wait_for_bridges(const BridgeList& bridges);
    awaitable<void> restore(Rooms& rooms, ConferenceRecord record);
    // All that has changed, and the files of conferences that are over.
    void save(Rooms& rooms);
    void save_logins();

    log::Logger log_;
    StateFolder folder_;
    std::vector<ConferenceRecord> left_;
    std::size_t restoring_ = 0;
    AuthSessions* logins_ = nullptr;  // nullptr: nobody logs in
    TimePoint logins_saved_{};
    bool frozen_;  // while taking over the files are all that is known
};

}  // namespace jmeet::focus
