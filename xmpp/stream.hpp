// Stanzas to and from an XMPP server, whatever carries them: the Connection, or a script in tests.
//
// One io_context thread, the control thread; every call and callback is on it.
#pragma once

#include <string>

#include "base/asio.hpp"
#include "base/log.hpp"
#include "xmpp/element.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/listeners.hpp"

namespace jmeet::xmpp {

enum class ConnectionState { stopped, connecting, connected, disconnected };

// Of a session that has begun (XEP-0198).
struct StreamManagement {
    bool available = false;  // the server offers it
    bool enabled = false;
    bool resumable = false;
};

struct ConnectionEvent {
    ConnectionState state = ConnectionState::stopped;
    // connected: the old stream lives on, nothing was lost; false: a new session, join again.
    bool resumed = false;
    // disconnected: the session may still be resumed; stanzas sent meanwhile wait for that.
    bool may_resume = false;
    std::string reason;  // disconnected: one sentence
    StreamManagement management = {};  // connected
};

class StanzaStream {
 public:
    virtual ~StanzaStream() = default;

    // Throws nothing: the first failure is a disconnected event, and then it tries again.
    virtual void start() = 0;
    // Sends what is queued and the end of the stream; returns when closed, after 2 s at most.
    virtual awaitable<void> stop() = 0;
    // Cuts the connection without an end of the stream, for good: the server keeps the session for
    // its hibernation time. Nothing is sent any more; stop() follows.
    virtual void sever() = 0;
    // Gives the stream up and connects again (a ping was not answered).
    virtual void reconnect(const std::string& reason) = 0;

    // Queues a stanza (iq, message, presence). False: not connected (and nothing to resume), or
    // the queue is full; nothing is sent then.
    virtual bool send(const Element& stanza) = 0;

    virtual ConnectionState state() const = 0;
    bool connected() const { return state() == ConnectionState::connected; }
    // While disconnected: the session may still be resumed, and send() queues for that.
    virtual bool may_resume() const = 0;
    // The full JID that the server bound; the configured one before that.
    virtual const Jid& jid() const = 0;
    // The sentence of the last failure; empty since the last success.
    virtual const std::string& last_error() const = 0;
    virtual asio::io_context& io() const = 0;
    virtual const log::Logger& logger() const = 0;

    virtual Listeners<const ConnectionEvent&>& on_state() = 0;
    // Every stanza, in the order of the stream.
    virtual Listeners<const Element&>& on_stanza() = 0;
};

}  // namespace jmeet::xmpp
