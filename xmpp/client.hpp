// One account on one server with everything that goes with it: stream, IQs, discovery, rooms.
//
// Owned by the focus' services or the bridge's control room; control thread. After each login it
// sends the undirected presence with our capabilities (a focus without it is not found by
// Jitsi's client proxy), and every 30 s it asks the server whether it is still there (XEP-0199).
#pragma once

#include <memory>
#include <optional>

#include "xmpp/connection.hpp"
#include "xmpp/disco.hpp"
#include "xmpp/iq.hpp"
#include "xmpp/muc.hpp"
#include "xmpp/ping.hpp"

namespace jmeet::xmpp {

struct ClientConfig {
    ConnectionConfig connection;
    DiscoInfo own;          // disco#info, disco#items, caps and ping are added
    std::string caps_node;  // e.g. "http://jitsi.org/jicofo"
    // jabber:iq:version; no name: not answered.
    std::string software_name;
    std::string software_version;
    // Off: no presence, so that nobody takes this log-in for the account's main one.
    bool send_presence = true;
    // Whose request for our presence is granted: the client proxy component.
    std::optional<Jid> grant_presence_to;
};

class Client {
 public:
    Client(asio::io_context& io, ClientConfig config, const log::Logger& logger);
    // On another stream than a Connection: scripted conversations. config.connection is unused.
    Client(std::unique_ptr<StanzaStream> stream, ClientConfig config);

    void start() { stream_->start(); }
    // Ends requests, handlers and pings, then the stream.
    awaitable<void> stop();

    StanzaStream& stream() { return *stream_; }
    const StanzaStream& stream() const { return *stream_; }
    IqRouter& iq() { return iq_; }
    DiscoResponder& disco() { return disco_; }
    CapsCache& caps() { return caps_; }
    MucRooms& rooms() { return rooms_; }
    bool connected() const { return stream_->connected(); }
    const Jid& jid() const { return stream_->jid(); }

 private:
    void on_state(const ConnectionEvent& event);
    void on_stanza(const Element& stanza);
    void answer_version();

    ClientConfig config_;
    std::unique_ptr<StanzaStream> stream_;
    IqRouter iq_;
    DiscoResponder disco_;
    CapsCache caps_;
    MucRooms rooms_;
    Pinger pinger_;
    Subscription states_;
    Subscription stanzas_;
};

}  // namespace jmeet::xmpp
