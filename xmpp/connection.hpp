// A stream to an XMPP server: as a client (RFC 6120) or a component (XEP-0114).
//
// connection.cpp is the only file that sees strophe.h. It connects, secures, logs in, resumes
// (XEP-0198), and comes back after every loss with a growing pause; it never gives up. Stanzas
// come and go by value. What goes wrong is one sentence for an operator with what to do, logged
// at the pace of the attempts. Passwords are never logged.
//
// Owned by a Client (xmpp/client.hpp) or a test; lives on one io_context thread, the control
// thread, and every call and callback is on it. The host name is resolved aside; only the TLS
// handshake waits on that thread (a few round trips, cut off after kHandshakeLimit).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/asio.hpp"
#include "base/log.hpp"
#include "xmpp/stream.hpp"

namespace jmeet::xmpp {

// As Jitsi's SECURITY_MODE: required, ifpossible, disabled.
enum class TlsPolicy { required, if_possible, disabled };

struct ConnectionConfig {
    enum class Kind { client, component };

    Kind kind = Kind::client;
    std::string name = "client";  // for log lines
    // Client: user@domain, with the wished resource or without one. Component: its domain.
    Jid jid;
    std::string password;    // the component's secret for a component
    std::string host;        // where to connect, no SRV lookup; empty: the JID's domain
    std::uint16_t port = 0;  // 0: 5222 for a client, 5347 for a component
    TlsPolicy tls = TlsPolicy::required;  // components speak in the clear (XEP-0114)
    // The certificate's name must be the JID's domain, not the host's name.
    bool verify_certificate = true;
    std::string ca_file;  // trusted beside the system's; PEM
    bool stream_management = true;

    // What stands before the sentence of an attempt that failed, where operators look for it; the
    // line is severe then, and the next one tells of the pause.
    std::string failure_prefix;

    // What the operator calls these settings; they stand in the sentences.
    std::string user_option = "user";
    std::string domain_option = "domain";
    std::string password_option = "password";
    std::string host_option = "host";
    std::string tls_option = "tls";
    std::string verify_option = "verify-certificate";
};

// LIMIT: first pause after a loss and the longest one; each pause is 50..100 % of its nominal
// value, so that the bridges of one server do not come back in the same instant.
inline constexpr std::chrono::milliseconds kFirstPause{1'000};
inline constexpr std::chrono::milliseconds kLongestPause{30'000};
// LIMIT: from the TCP connect to the login; Prosody itself gives up after 60 s.
inline constexpr std::chrono::seconds kLoginLimit{20};
// LIMIT: a server that accepts STARTTLS and then says nothing must not hold the control thread.
inline constexpr std::chrono::seconds kHandshakeLimit{5};
// LIMIT: what may wait for a server that does not read: a restart of a 500-person conference
// writes about 5 MiB. More ends the stream and starts anew.
inline constexpr std::size_t kMaxQueuedBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxQueuedStanzas = 20'000;

class Connection final : public StanzaStream {
 public:
    Connection(asio::io_context& io, ConnectionConfig config, log::Logger logger);
    ~Connection() override;  // closes at once; stop() closes politely
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start() override;
    awaitable<void> stop() override;
    void sever() override;
    void reconnect(const std::string& reason) override;
    bool send(const Element& stanza) override;
    ConnectionState state() const override;
    bool may_resume() const override;
    const Jid& jid() const override;
    const std::string& last_error() const override;
    asio::io_context& io() const override;
    const log::Logger& logger() const override;
    Listeners<const ConnectionEvent&>& on_state() override;
    Listeners<const Element&>& on_stanza() override;

    const ConnectionConfig& config() const;
    // Attempts to connect since start(), for metrics.
    std::uint64_t attempts() const;

    class Impl;  // connection_impl.hpp

 private:
    // shared_ptr: coroutines that still wait keep the inside alive after the Connection.
    std::shared_ptr<Impl> impl_;
};

}  // namespace jmeet::xmpp
