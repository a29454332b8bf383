// A scripted conversation with the focus: what the server and the clients say, what they must
// hear. The stream is a double because it stands for the other side; everything behind it is the
// real focus. Time stands still but for run_until() and run_for().
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "focus/services.hpp"

namespace jmeet::focus {

class ScriptedStream final : public xmpp::StanzaStream {
 public:
    ScriptedStream(asio::io_context& io, xmpp::Jid jid)
        : io_(io), jid_(std::move(jid)), log_(log::Program::focus, "Talk") {}

    void start() override { change(xmpp::ConnectionState::connected); }
    awaitable<void> stop() override {
        state_ = xmpp::ConnectionState::stopped;
        co_return;
    }
    void sever() override { state_ = xmpp::ConnectionState::stopped; }
    void reconnect(const std::string&) override {}
    bool send(const xmpp::Element& stanza) override {
        if (!connected()) return false;
        sent.push_back(stanza);
        return true;
    }
    void change(xmpp::ConnectionState state) {
        state_ = state;
        states_.emit({state, false, false, "the line was cut"});
    }
    xmpp::ConnectionState state() const override { return state_; }
    bool may_resume() const override { return false; }
    const xmpp::Jid& jid() const override { return jid_; }
    const std::string& last_error() const override { return error_; }
    asio::io_context& io() const override { return io_; }
    const log::Logger& logger() const override { return log_; }
    xmpp::Listeners<const xmpp::ConnectionEvent&>& on_state() override { return states_; }
    xmpp::Listeners<const xmpp::Element&>& on_stanza() override { return stanzas_; }

    std::vector<xmpp::Element> sent;  // and not yet looked at

 private:
    asio::io_context& io_;
    xmpp::Jid jid_;
    log::Logger log_;
    std::string error_;
    xmpp::ConnectionState state_ = xmpp::ConnectionState::stopped;
    xmpp::Listeners<const xmpp::ConnectionEvent&> states_;
    xmpp::Listeners<const xmpp::Element&> stanzas_;
};

inline constexpr char kBrewery[] = "jvbbrewery@internal-muc.meet.test";
inline constexpr char kRoom[] = "standup@muc.meet.test";
inline constexpr char kFocusJid[] = "focus@auth.meet.test/focus";

FocusConfig talk_config();

class Talk {
 public:
    explicit Talk(FocusConfig config = talk_config(), std::optional<BridgeList::Local> local = {});
    ~Talk();

    // Everything that can happen now happens.
    void run();
    // A millisecond after the other, until the condition holds; half a minute at most.
    bool run_until(const std::function<bool()>& condition);
    void run_for(milliseconds time);
    void hear(const xmpp::Element& stanza);
    void hear(const std::string& xml);

    using Match = std::function<bool(const xmpp::Element&)>;
    // The first stanza that was sent and matches; it is taken from the list.
    std::optional<xmpp::Element> find(const Match& match);
    xmpp::Element expect(const std::string& what, const Match& match);
    void expect_none(const std::string& what, const Match& match);

    // Shapes of stanzas.
    static Match iq(std::string type, std::string to, std::string payload);
    static Match jingle(std::string to, std::string action);
    static Match answer_to(std::string id);
    static Match presence(std::string to, std::string type = {});
    static Match colibri(const std::string& nick);

    // Common parts of conversations.
    void answer(const xmpp::Element& iq, const std::string& payload = {});
    void refuse(const xmpp::Element& iq, const std::string& error);
    void bridge_appears(const std::string& nick, const std::string& stats = {});
    void bridge_leaves(const std::string& nick);
    // A conference request, the room's answers to the join; the room is ready then.
    void open_room(const std::string& properties = {});
    std::string request_conference(const std::string& id, const std::string& properties = {});
    void let_room_in();
    // A modern web client, unless features are given.
    void client_joins(const std::string& nick, const std::string& features = {},
                      const std::string& extra = {});
    void client_leaves(const std::string& nick, const std::string& inside = {});
    // Answers the allocation that was asked for this endpoint.
    xmpp::Element allocate(const std::string& nick, const std::string& bridge = "jvb1");
    // Takes the session-initiate, answers it, accepts the session. The sid.
    std::string accept(const std::string& nick, std::uint32_t first_ssrc);
    xmpp::Element accept_iq(const std::string& nick, const std::string& sid,
                            std::uint32_t first_ssrc);
    // Two clients in a call on jvb1, everything answered.
    void two_party_call(const std::string& features = {});

    asio::io_context io;
    ScriptedStream* stream = nullptr;  // belongs to the focus
    // The stream of the component that clients reach, where the configuration wants one.
    ScriptedStream* component = nullptr;
    std::unique_ptr<Services> focus;
    std::map<std::string, std::string> sids;

 protected:
    // Where sockets take part in the conversation: returns when what was sent has come.
    std::function<void()> packets_arrive;

 private:
    void start();
    void step(milliseconds time);
};

inline std::string occupant(const std::string& nick) { return std::string(kRoom) + "/" + nick; }
inline std::string bridge_jid(const std::string& nick) {
    return std::string(kBrewery) + "/" + nick;
}

}  // namespace jmeet::focus
