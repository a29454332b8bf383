// One DTLS association of an endpoint or relay: handshake, keys for SRTP, bytes for SCTP.
// DTLS 1.2 (RFC 6347) with use_srtp (RFC 5764) on OpenSSL, without sockets or threads.
//
// Owned by the endpoint or relay; every call on its media worker. Datagrams and time go in, the
// DtlsHandler hears what comes out. The handler must not destroy the session, nor call it, from
// on_dtls_outgoing; from the other three it may call it but not destroy it.
//
// The handshake may run before signalling has told us who the peer is: the peer's certificate is
// then kept, and until set_remote_fingerprints has accepted it no key is handed out and no
// application byte passes in either direction.
//
// Feed only datagrams from addresses that ICE has validated: there is no cookie exchange, since
// browsers' ClientHello is larger than a datagram and comes in fragments (RFC 6347 4.2.1 needs it
// in one piece).
//
// A bad datagram does not end a session: before the handshake is done a broken attempt starts
// again (at most kMaxRestarts times), afterwards OpenSSL discards what does not authenticate.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "bridge/dtls/certificate.hpp"
#include "bridge/dtls/srtp_keys.hpp"
#include "bridge/limits.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace jmeet::bridge {

struct DtlsIo;

// A certificate made ready for handshakes. Built by the bridge, read-only afterwards: shared by
// the sessions of all workers. Sessions keep what they need of it, so it may go before they do.
class DtlsContext {
 public:
    static Result<DtlsContext> make(const Certificate& certificate);

    const Fingerprint& fingerprint() const { return fingerprint_; }

 private:
    friend class DtlsSession;
    DtlsContext() = default;

    // Shared with sessions, which may start a handshake again after the context is replaced.
    std::shared_ptr<ssl_ctx_st> ssl_ctx_;
    Fingerprint fingerprint_;
};

enum class DtlsRole : std::uint8_t {
    undecided,  // we advertised actpass; the first ClientHello makes us the server
    client,     // the peer said setup:passive
    server,     // the peer said setup:active
};

enum class DtlsState : std::uint8_t {
    fresh,                 // nothing has happened yet
    handshaking,
    awaiting_fingerprint,  // handshake done, but signalling has not said whose it should be
    connected,
    failed,                // for good: wrong certificate, no common SRTP profile, or time is up
};

class DtlsHandler {
 public:
    // Send to the validated address. Called from inside OpenSSL: queue or send, nothing else.
    virtual void on_dtls_outgoing(BytesView datagram) = 0;
    // Once; srtp_keys() and send() work from here on.
    virtual void on_dtls_connected() = 0;
    // One decrypted record (one SCTP packet).
    virtual void on_dtls_data(BytesView data) = 0;
    // Once, instead of on_dtls_connected. The reason is for a log line.
    virtual void on_dtls_failed(std::string_view reason) = 0;

 protected:
    ~DtlsHandler() = default;
};

class DtlsSession {
 public:
    // LIMIT: largest handshake datagram that we send; 1,200 is what QUIC demands of every path.
    static constexpr std::size_t kMtu = 1200;
    // LIMIT: largest datagram that we look at, and largest record that send() takes: an Ethernet
    // frame less IPv4 and UDP, and what then still fits with IPv6, TURN and the record's own bytes.
    static constexpr std::size_t kMaxDatagram = 1472;
    static constexpr std::size_t kMaxSend = 1408;
    // LIMIT: records decrypted before the fingerprint is known, kept for afterwards: a browser's
    // SCTP INIT and its retransmissions; losing one would cost the channel a second.
    static constexpr std::size_t kMaxEarlyData = 16;
    static constexpr int kMaxRestarts = limits::kHandshakeRestarts;
    static constexpr seconds kHandshakeTimeout{30};
    // First retransmission; doubles up to the maximum. RFC 6347 4.2.4.1 proposes a second, but
    // browsers begin at 50 ms, and every lost flight delays somebody's join.
    static constexpr milliseconds kFirstRetransmit{200};
    static constexpr milliseconds kMaxRetransmit{3000};

    DtlsSession(const DtlsContext& context, DtlsHandler& handler);
    ~DtlsSession();
    DtlsSession(const DtlsSession&) = delete;
    DtlsSession& operator=(const DtlsSession&) = delete;

    // What to advertise: the fingerprint of the certificate that this session will show.
    const Fingerprint& local_fingerprint() const { return local_fingerprint_; }

    // Signalling's word on who starts. `client` sends the first ClientHello at once, so say it
    // when ICE can carry it. Ignored once a role is in use.
    void set_role(DtlsRole role, TimePoint now);
    DtlsRole role() const { return role_; }

    // Signalling's word on who the peer is; may come before, during or after the handshake.
    // Ignored once connected or failed; an empty list says nothing and is ignored too.
    void set_remote_fingerprints(std::vector<Fingerprint> fingerprints);

    void on_datagram(BytesView datagram, TimePoint now);
    // Empty when no timer runs.
    std::optional<TimePoint> next_deadline() const;
    void on_timer(TimePoint now);

    DtlsState state() const { return state_; }
    // Only when connected.
    std::optional<SrtpKeys> srtp_keys() const;

    // False when not connected, closed, or larger than kMaxSend.
    bool send(BytesView data);

    // Says close_notify; nothing is sent or delivered afterwards. State stays as it is.
    void close();
    // The peer said close_notify. COMPAT: as with JVB this ends nothing by itself, SRTP goes on;
    // only application data has ended.
    bool peer_closed() const { return peer_closed_; }

    struct Counters {
        std::uint32_t malformed = 0;   // not a DTLS record, or too large; dropped unseen
        std::uint32_t restarts = 0;    // broken handshakes started again
        std::uint32_t early_dropped = 0;
    };
    const Counters& counters() const { return counters_; }

 private:
    class RecordBuffers;  // OpenSSL's, only while a call of ours is in OpenSSL

    bool begin(TimePoint now);
    void advance(TimePoint now);
    void handshake_done();
    void attempt_broken(TimePoint now);
    void drop_attempt();
    void judge_peer();
    void become_connected();
    void fail(std::string reason);
    void read_application_data();
    void deliver(BytesView data);
    void read_openssl_deadline(TimePoint now);

    DtlsHandler& handler_;
    Fingerprint local_fingerprint_;
    std::shared_ptr<ssl_ctx_st> ssl_ctx_;
    std::unique_ptr<DtlsIo> io_;  // what OpenSSL reads from and writes to
    ssl_st* ssl_ = nullptr;

    DtlsRole role_ = DtlsRole::undecided;
    DtlsState state_ = DtlsState::fresh;
    bool closed_ = false;
    bool peer_closed_ = false;
    bool buffers_in_use_ = false;
    std::vector<Fingerprint> remote_fingerprints_;
    std::vector<std::vector<std::uint8_t>> early_data_;

    std::optional<TimePoint> started_at_;
    std::optional<TimePoint> retransmit_at_;
    std::optional<TimePoint> restart_at_;  // client only: when to try again after a broken attempt
    Counters counters_;
};

}  // namespace jmeet::bridge
