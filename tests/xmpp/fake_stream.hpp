// A stream without a server: what is sent is kept, what should come in is put in by the test.
#pragma once

#include <functional>
#include <vector>

#include "xmpp/stream.hpp"

namespace jmeet::test {

class FakeStream final : public xmpp::StanzaStream {
 public:
    FakeStream(asio::io_context& io, xmpp::Jid jid)
        : io_(io), jid_(std::move(jid)), log_(log::Program::focus, "FakeStream") {}

    void start() override { log_in(); }
    awaitable<void> stop() override {
        set({xmpp::ConnectionState::stopped, false, false, "stopped"});
        co_return;
    }
    void sever() override { set({xmpp::ConnectionState::stopped, false, false, "cut"}); }
    void reconnect(const std::string& reason) override { lose(reason); }
    bool send(const xmpp::Element& stanza) override {
        if (!connected() && !may_resume_) return false;
        sent.push_back(stanza);
        if (on_send) on_send(stanza);
        return true;
    }
    xmpp::ConnectionState state() const override { return state_; }
    bool may_resume() const override { return may_resume_; }
    const xmpp::Jid& jid() const override { return jid_; }
    const std::string& last_error() const override { return last_error_; }
    asio::io_context& io() const override { return io_; }
    const log::Logger& logger() const override { return log_; }
    xmpp::Listeners<const xmpp::ConnectionEvent&>& on_state() override { return states_; }
    xmpp::Listeners<const xmpp::Element&>& on_stanza() override { return stanzas_; }

    // What the server does.
    void log_in(bool resumed = false) {
        may_resume_ = false;
        set({xmpp::ConnectionState::connected, resumed, false, {}});
    }
    void lose(const std::string& reason, bool may_resume = false) {
        may_resume_ = may_resume;
        last_error_ = reason;
        set({xmpp::ConnectionState::disconnected, false, may_resume, reason});
    }
    void receive(const xmpp::Element& stanza) { stanzas_.emit(stanza); }
    // XML in the client's namespace; throws where it is not XML.
    void receive(std::string_view xml) {
        stanzas_.emit(xmpp::parse_element(xml, "jabber:client").value());
    }

    // What was sent since the last call.
    std::vector<xmpp::Element> take_sent() { return std::exchange(sent, {}); }

    std::vector<xmpp::Element> sent;
    std::function<void(const xmpp::Element&)> on_send;

 private:
    void set(xmpp::ConnectionEvent event) {
        state_ = event.state;
        states_.emit(event);
    }

    asio::io_context& io_;
    xmpp::Jid jid_;
    log::Logger log_;
    xmpp::ConnectionState state_ = xmpp::ConnectionState::stopped;
    bool may_resume_ = false;
    std::string last_error_;
    xmpp::Listeners<const xmpp::ConnectionEvent&> states_;
    xmpp::Listeners<const xmpp::Element&> stanzas_;
};

}  // namespace jmeet::test
