// The inside of a Connection: attempts, pauses, queue, and libstrophe behind a pointer.
// Private to connection.cpp (libstrophe) and connection_run.cpp (the life between attempts).
#pragma once

#include <deque>
#include <optional>
#include <random>
#include <string>

#include "xmpp/back_off.hpp"
#include "xmpp/connection.hpp"
#include "xmpp/connection_failure.hpp"
#include "xmpp/handshake_watch.hpp"
#include "xmpp/low_descriptors.hpp"

struct _xmpp_log_t;
struct _xmpp_ctx_t;
struct _xmpp_conn_t;

namespace jmeet::xmpp {

// LIMIT: the longest that a server keeps a lost session for resumption (docker-jitsi-meet 15 s,
// Prosody's default 10 min, Jicofo's own patience 15 s).
inline constexpr std::chrono::seconds kResumeWindow{60};
// LIMIT: a stream that lived this long was a success; the next pause is the first one again.
inline constexpr std::chrono::seconds kStableAfter{10};
// LIMIT: a component has nobody to ping; a space makes TCP notice a dead peer.
inline constexpr std::chrono::seconds kWhitespaceInterval{30};

class Connection::Impl : public std::enable_shared_from_this<Connection::Impl> {
 public:
    Impl(asio::io_context& io, ConnectionConfig config, log::Logger logger);
    ~Impl();

    void start();
    awaitable<void> stop();
    void sever();
    void reconnect(const std::string& reason);
    bool send(const Element& stanza);
    // The owner goes: no more events, the socket is shut, coroutines end by themselves.
    void abandon();

    asio::io_context& io_;
    const ConnectionConfig config_;
    const log::Logger log_;
    Listeners<const ConnectionEvent&> on_state_;
    Listeners<const Element&> on_stanza_;
    ConnectionState state_ = ConnectionState::stopped;
    Jid jid_;
    std::string last_error_;
    std::uint64_t attempts_ = 0;
    SessionNotes notes_;
    bool session_alive_ = false;  // logged in, or lost but resumable

 private:
    friend struct StropheCallbacks;
    // shared_ptr: a coroutine that waits keeps the object that it will wake up in.
    using Self = std::shared_ptr<Impl>;

    // connection_run.cpp
    static awaitable<void> run(Self self);
    static awaitable<void> watch_reads(Self self, std::uint64_t generation);
    static awaitable<void> watch_write(Self self, std::uint64_t generation);
    static awaitable<void> tick(Self self, std::uint64_t generation);
    awaitable<std::vector<asio::ip::tcp::endpoint>> resolve();
    awaitable<void> wait_closed();
    awaitable<bool> probe(asio::ip::tcp::endpoint where);
    awaitable<void> pause();
    void report_failure();
    void set_state(ConnectionEvent event);
    void start_over();
    void forget_session();
    void kick();

    // connection.cpp
    bool open(const asio::ip::tcp::endpoint& where);
    void make_library();
    void renew_sm_state();
    void set_flags();
    void lend_sm_state();
    void pump();
    void run_library();
    void feed();
    void take_back_queue();
    void check_login();
    void close_descriptor();
    void shut_socket();
    void on_login();
    void on_closed(int error);
    void on_library_stanza(void* stanza);
    void end_stream();
    void send_whitespace();

    std::unique_ptr<_xmpp_log_t> library_log_;  // libstrophe keeps the pointer
    _xmpp_ctx_t* ctx_ = nullptr;
    _xmpp_conn_t* conn_ = nullptr;
    LowDescriptors low_;
    HandshakeWatch handshake_;
    std::optional<asio::posix::stream_descriptor> descriptor_;  // a duplicate of the socket
    int duplicate_ = -1;  // between the socket's birth and open()'s end

    ConnectionFailure failure_;
    bool open_ = false;  // libstrophe has a socket
    bool pumping_ = false;
    bool kicked_ = false;
    bool write_watched_ = false;
    bool login_pending_ = false;  // libstrophe is done, stream management is not
    bool stopping_ = false;
    bool running_ = false;
    bool abandoned_ = false;
    std::uint64_t generation_ = 0;
    std::chrono::steady_clock::time_point login_deadline_{};
    std::chrono::steady_clock::time_point connected_at_{};
    std::chrono::steady_clock::time_point lost_at_{};
    std::chrono::steady_clock::time_point whitespace_at_{};

    // LIMIT: what the server sends between the binding and the answer to <enable/>.
    static constexpr std::size_t kMaxEarlyStanzas = 200;
    std::deque<Element> early_;
    std::deque<std::string> queue_;
    std::size_t queued_bytes_ = 0;

    BackOff back_off_{kFirstPause, kLongestPause};
    std::minstd_rand random_{std::random_device{}()};
    asio::ip::tcp::resolver resolver_;
    asio::steady_timer closed_;
    asio::steady_timer pause_;
    asio::steady_timer ended_;
    log::Limiter refused_lines_;
};

}  // namespace jmeet::xmpp
