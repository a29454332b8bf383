// Everybody whom a focus talks with, in one process: the server with its rooms, web clients, one
// bridge. They answer at once, with the stanzas of a recorded call (tests/focus/recorded/c1.xml),
// so that what is measured is the focus alone.
//
// FocusRun counts the CPU time of the focus: reading each stanza from text, all that follows from
// it, and writing what it says as text. What the peers do meanwhile is not counted. Timers stand on
// a clock that only pass() moves (tests/fake_time.hpp). One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "focus/services.hpp"
#include "xmpp/disco.hpp"

namespace jmeet::bench {

// The stream of the focus: what it says becomes text, as on the wire.
class TextStream final : public xmpp::StanzaStream {
 public:
    explicit TextStream(asio::io_context& io);

    void start() override;
    awaitable<void> stop() override;
    void sever() override { state_ = xmpp::ConnectionState::stopped; }
    void reconnect(const std::string&) override {}
    bool send(const xmpp::Element& stanza) override;
    xmpp::ConnectionState state() const override { return state_; }
    bool may_resume() const override { return false; }
    const xmpp::Jid& jid() const override { return jid_; }
    const std::string& last_error() const override { return error_; }
    asio::io_context& io() const override { return io_; }
    const log::Logger& logger() const override { return log_; }
    xmpp::Listeners<const xmpp::ConnectionEvent&>& on_state() override { return states_; }
    xmpp::Listeners<const xmpp::Element&>& on_stanza() override { return stanzas_; }

    // Not yet looked at, and when each was said, in CPU time of the thread.
    struct Said {
        std::string xml;
        std::int64_t at = 0;
    };
    std::deque<Said> said;

 private:
    asio::io_context& io_;
    xmpp::Jid jid_;
    log::Logger log_;
    std::string error_;
    xmpp::ConnectionState state_ = xmpp::ConnectionState::stopped;
    xmpp::Listeners<const xmpp::ConnectionEvent&> states_;
    xmpp::Listeners<const xmpp::Element&> stanzas_;
};

enum class ClientKind {
    rewriting,  // today's web client: hears of others' sources from the bridge
    listing     // without SSRC rewriting: the focus tells it of everybody's sources
};

class FocusRun {
 public:
    FocusRun(ClientKind kind, std::map<int, std::chrono::milliseconds> signaling_delays);
    ~FocusRun();

    void open_room(const std::string& room);
    // They come all at once: the server says so in one go, and everything happens that follows.
    void join(const std::vector<std::pair<std::string, std::string>>& rooms_and_nicks);
    // Time passes for whatever waits for it.
    void pass(std::chrono::milliseconds time);

    // Nanoseconds of the focus from the server's word to each session-initiate since the last
    // call, in the order of the offers.
    std::vector<std::int64_t> take_waits() { return std::exchange(waits_, {}); }
    // All that the focus did since the last join(), until nobody had anything to say any more.
    std::int64_t spent() const { return spent_; }
    // What each was told of others' sources since the last call, by nickname.
    struct Told {
        std::size_t stanzas = 0;
        std::size_t bytes = 0;
    };
    std::map<std::string, Told> take_told() { return std::exchange(told_, {}); }
    std::size_t last_offer_bytes() const { return last_offer_bytes_; }

    static std::string nick(int number);

 private:
    void run();
    void hear(const std::string& xml);
    void take_said();
    void answer(const TextStream::Said& said);
    void answer_iq(const xmpp::Element& iq);
    void answer_jingle(const xmpp::Element& iq, const TextStream::Said& said);
    void answer_presence(const xmpp::Element& presence);
    std::string client_presence(const std::string& room, const std::string& nick) const;
    std::string accept(const std::string& occupant, const std::string& sid);
    std::string recorded(int step, const std::string& occupant) const;

    asio::io_context io_;
    const xmpp::DiscoInfo client_info_;
    std::map<int, std::string> recorded_;
    std::deque<std::string> inbox_;  // what the focus will hear next, in this order
    TextStream* stream_;             // belongs to the focus
    std::unique_ptr<focus::Services> focus_;
    std::int64_t spent_ = 0;    // nanoseconds of the focus, since the last join()
    std::int64_t entered_ = 0;  // when it got the word
    std::vector<std::int64_t> waits_;
    std::map<std::string, Told> told_;
    std::size_t last_offer_bytes_ = 0;
    std::uint32_t next_ssrc_ = 100'000;
};

}  // namespace jmeet::bench
