// Every conference by its room: conference requests (XMPP and HTTP), and the way of stanzas to the
// conference that they concern.
//
// Owned by Services; control thread. A conference is registered before it joins its room, so
// that what arrives meanwhile finds it; who asks while it is joining is told "not yet".
// LIMIT: kMaxConferences, far above what one signalling server carries.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/task_group.hpp"
#include "focus/bridges/pins.hpp"
#include "focus/conference.hpp"
#include "xmpp/jitsi_conference.hpp"

namespace jmeet::focus {

inline constexpr std::size_t kMaxConferences = 5'000;

// The sender of an IQ that came through Jitsi's client proxy is the JID in the resource; any
// other sender is taken as it is. Pure.
xmpp::Jid decode_sender(const xmpp::Jid& from, const std::string& client_proxy);

class Rooms final : public BridgeWatcher {
 public:
    Rooms(xmpp::Client& client, BridgeList& bridges, const FocusConfig& config,
          FocusCounters& counters, const Components& components, AuthSessions* auth);
    ~Rooms() override;

    // Ends every conference and waits for them.
    awaitable<void> stop();

    // `from`: the client's real full JID, or empty over HTTP.
    awaitable<xmpp::IqResult<xmpp::ConferenceIq>> request(xmpp::ConferenceIq request,
                                                          xmpp::Jid from);
    // The whole answer to a <conference/> IQ that arrived on this or another connection.
    awaitable<xmpp::Element> answer_request(xmpp::Element iq);

    // Goes on with a conference of another process; returns when the room is entered or given up.
    awaitable<void> restore(ConferenceRecord record);

    Conference* find(const xmpp::Jid& room) const;
    BridgePins& pins() { return pins_; }
    const std::map<xmpp::Jid, std::unique_ptr<Conference>>& all() const { return conferences_; }

    // BridgeWatcher
    void on_bridge_usable(Bridge& bridge) override;
    void on_bridge_lost(Bridge& bridge, const std::string& why) override;

 private:
    void handle_iqs();
    void on_message(const xmpp::Element& message);
    void on_metadata(const xmpp::Element& json);
    void on_moderation(const xmpp::Element& json);
    std::vector<Conference*> everyone() const;
    // Who logged in is named in the answer; the error is for who may not open this room.
    xmpp::IqResult<void> authenticate(const xmpp::ConferenceIq& request, const xmpp::Jid& from,
                                      xmpp::ConferenceIq& answer);
    bool has_breakout_rooms(const xmpp::Jid& main_room) const;
    Conference& create(const xmpp::ConferenceIq& request);
    Conference& add(const xmpp::Jid& room, ConferenceOptions options);
    void on_ended(Conference& conference);
    awaitable<void> bury(std::unique_ptr<Conference> conference);

    xmpp::Client& client_;
    const FocusConfig& config_;
    FocusCounters& counters_;
    const Components& components_;
    std::set<std::string> meeting_ids_;
    FocusContext context_;
    log::Logger log_;
    std::map<xmpp::Jid, std::unique_ptr<Conference>> conferences_;
    BridgePins pins_;
    bool stopping_ = false;
    xmpp::Subscription messages_;
    TaskGroup tasks_;
};

}  // namespace jmeet::focus
