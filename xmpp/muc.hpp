// Rooms of XEP-0045 in which we are: join, presence, occupants, roles.
//
// MucRooms belongs to a Client and leads stanzas to rooms by their bare JID. A MucRoom belongs to
// whoever is in the room (a conference, a brewery), must not outlive its MucRooms, and reports to
// one MucEvents. Control thread. Events come in the order of the stream; between join() and
// release_events() those about occupants wait, so that a focus can read the room's form first.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "xmpp/back_off.hpp"
#include "xmpp/data_form.hpp"
#include "xmpp/disco.hpp"
#include "xmpp/muc_presence.hpp"

namespace jmeet::xmpp {

// LIMIT: Jitsi's largest rooms with visitors have some thousands of occupants.
inline constexpr std::size_t kMaxOccupants = 10'000;
// LIMIT: pause between attempts to come back into a room; Jicofo waits 15 s.
inline constexpr std::chrono::seconds kFirstRejoinPause{1};
inline constexpr std::chrono::seconds kLongestRejoinPause{15};

// Why an occupant is gone.
enum class MucDeparture {
    left,
    kicked,           // 307, by a moderator
    banned,           // 301
    unreachable,      // 333: its connection died ("Kicked: recipient unavailable")
    affiliation,      // 321, 322
    room_destroyed,
    connection_lost,  // ours: nothing is known of the room any more
};

// Why we are no longer in the room.
enum class MucRoomEnd {
    kicked,
    banned,
    unreachable,
    affiliation,
    destroyed,
    connection_lost,
    forgotten,  // the room answers that it does not know us
};

class MucEvents {
 public:
    virtual ~MucEvents() = default;
    virtual void on_occupant_joined(const Occupant&) {}
    // `last` is the occupant as it was, `presence` the unavailable presence (status text,
    // codes); presence.occupant is equal to `last` when the connection was lost.
    virtual void on_occupant_left(const Occupant& last, MucDeparture, const MucPresence& presence) {
        (void)last, (void)presence;
    }
    // Anything changed: extensions, role, affiliation, real JID. Called before on_role_changed.
    virtual void on_presence_changed(const Occupant& now, const Occupant& before) {
        (void)now, (void)before;
    }
    virtual void on_role_changed(const Occupant& now, const Occupant& before) {
        (void)now, (void)before;
    }
    // Our own occupant changed (affiliation: a focus that is no longer owner stops).
    virtual void on_self_changed(const Occupant& now, const Occupant& before) {
        (void)now, (void)before;
    }
    // Groupchat and private messages of the room, subject included. Never held back.
    virtual void on_room_message(const Element& message) { (void)message; }
    // We are out, and not by leave(). With MucRejoin::automatic new attempts follow by themselves.
    virtual void on_room_left(MucRoomEnd, const std::string& reason) { (void)reason; }
    // Automatic rejoin succeeded; the occupants were reported as joined again.
    virtual void on_room_rejoined() {}
};

enum class MucRejoin { never, automatic };
// Whether to submit muc#roomconfig_whois=anyone after joining.
enum class MucPublicJids { leave_alone, when_created, always };

struct MucJoinOptions {
    MucPublicJids public_jids = MucPublicJids::leave_alone;
    MucRejoin rejoin = MucRejoin::never;
    // The caller calls release_events(); otherwise join() does at its end.
    bool hold_events = false;
    // Ask for the owner's form even where nothing is to be submitted.
    bool read_form = false;
    std::string password;
    Duration deadline = kIqDeadline;
};

struct MucJoined {
    bool created = false;          // status 201
    std::optional<DataForm> form;  // as read, before the submission
};

class MucRooms;

class MucRoom {
 public:
    MucRoom(MucRooms& rooms, Jid room, std::string nick, MucEvents& events);
    ~MucRoom();  // does not leave: call leave()
    MucRoom(const MucRoom&) = delete;
    MucRoom& operator=(const MucRoom&) = delete;

    // Enters the room, then does what the options ask. With MucRejoin::automatic a failure is not
    // the end: attempts go on (also while there is no connection yet) and on_room_rejoined() tells
    // of the success, until leave(). A refusal is a sentence: nick taken, not
    // allowed to create the room, members only, no answer (a room that filters us is silent).
    // Not a coroutine itself: the options are taken at once.
    awaitable<Result<MucJoined>> join(const MucJoinOptions& options);
    awaitable<Result<MucJoined>> join();
    void release_events();
    // Sends the unavailable presence, tells nobody. The room may be joined again.
    void leave(const std::string& status = {});
    // Ends the coroutines of this object (rejoining); await it before destroying a room that
    // was joined with MucRejoin::automatic.
    awaitable<void> stop();

    // Our extensions, one per name and namespace. The setters only note; publish() sends the
    // whole presence when something has changed since the last one. False: nothing was sent.
    void set_extension(Element extension);
    void remove_extension(const std::string& name, const std::string& ns);
    bool publish();

    awaitable<IqResult<DataForm>> request_form();
    awaitable<IqResult<Element>> submit_form(std::map<std::string, std::string> fields);
    // By nick (XEP-0045 8.2, 8.3).
    awaitable<IqResult<Element>> request_role(std::string nick, MucRole role, std::string reason = {});
    awaitable<IqResult<Element>> kick(std::string nick, std::string reason = {});
    // By bare real JID (XEP-0045 9, 10).
    awaitable<IqResult<Element>> request_affiliation(Jid real_jid, MucAffiliation affiliation,
                                                     std::string reason = {});
    bool send_groupchat(const std::string& body);

    const Jid& jid() const { return room_; }
    const std::string& nick() const { return nick_; }
    Jid own_jid() const { return room_.with_resource(nick_); }
    bool joined() const { return joined_; }
    // The others, by nick.
    const std::map<std::string, Occupant>& occupants() const { return occupants_; }
    const Occupant* find(const std::string& nick) const;
    const Occupant& self() const { return self_; }

 private:
    friend class MucRooms;
    struct Entry;  // one attempt to enter

    void on_stanza(const Element& stanza);
    void on_presence(const Element& presence);
    void on_presence_error(const Element& presence);
    void on_self(const MucPresence& presence);
    void on_other(const MucPresence& presence);
    void on_connection(const ConnectionEvent& event);
    void on_self_gone(const MucPresence& presence);
    void occupant_joined(const MucPresence& presence);
    void occupant_left(const MucPresence& presence);
    void out_of_room(MucRoomEnd end, const std::string& reason);
    void forget_occupants(MucDeparture why);
    Element own_presence() const;
    Element join_presence() const;
    void send_unavailable(const std::string& status);
    awaitable<Result<MucPresence>> await_entry();
    awaitable<Result<MucJoined>> enter();
    awaitable<Result<MucJoined>> first_entry();
    awaitable<Result<std::optional<DataForm>>> configure(bool created);
    std::string explain_refusal(const StanzaError& error) const;
    awaitable<IqResult<Element>> request_admin(Element item);
    awaitable<void> rejoin(std::uint64_t generation);
    void start_rejoin();

    MucRooms& rooms_;
    const Jid room_;
    const std::string nick_;
    MucEvents& events_;
    log::Logger log_;
    MucJoinOptions options_;

    std::vector<Element> extensions_;
    bool changed_ = false;
    bool wanted_ = false;  // join() was called and leave() was not
    bool joined_ = false;
    bool rejoining_ = false;
    std::uint64_t generation_ = 0;  // counts leave(): an old rejoining must not go on
    BackOff rejoin_pause_{kFirstRejoinPause, kLongestRejoinPause};
    log::Limiter full_lines_;
    Entry* entry_ = nullptr;
    bool holding_ = false;
    std::deque<MucPresence> held_;
    std::map<std::string, Occupant> occupants_;
    Occupant self_;
    TaskGroup tasks_;
};

class MucRooms {
 public:
    MucRooms(StanzaStream& stream, IqRouter& iq, const DiscoResponder& disco);

    StanzaStream& stream() { return stream_; }
    IqRouter& iq() { return iq_; }
    const Element& caps() const { return disco_.caps(); }
    std::size_t size() const { return rooms_.size(); }
    MucRoom* find(const Jid& room) const;

 private:
    friend class MucRoom;
    void on_stanza(const Element& stanza);

    StanzaStream& stream_;
    IqRouter& iq_;
    const DiscoResponder& disco_;
    std::unordered_map<Jid, MucRoom*> rooms_;
    Subscription stanzas_;
    Subscription states_;
};

}  // namespace jmeet::xmpp
