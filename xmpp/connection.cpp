// The wall around libstrophe 0.12: the only file that includes it.
//
// What is worked around here: it watches its socket with select(), so the socket's number must be
// low; it counts no stanza that was sent before the server's <enabled/>, so nothing is sent before;
// after a refused resumption it goes on with the old session's counters and queue, so the stream is
// given up and opened anew with fresh ones; for components it forgets to make the state that it
// then uses; it waits inside TLS handshakes; its reasons stand in its log alone; it reads 4 KiB per
// call and may keep decrypted bytes.
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strophe.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "xmpp/connection_impl.hpp"
#include "xmpp/namespaces.hpp"
#include "xmpp/stanza_error.hpp"

namespace jmeet::xmpp {
namespace {

// LIMIT: calls of libstrophe in one go, 4 KiB each, before others on the thread get their turn.
constexpr int kMaxRounds = 256;
// A TLS record has 16 KiB at most: so many calls empty what libstrophe holds decrypted.
constexpr int kRoundsAfterLastByte = 5;
// libstrophe's socket and certificate callbacks carry no user data.
thread_local std::unordered_map<xmpp_ctx_t*, Connection::Impl*> impl_by_context;

Connection::Impl* find_impl(xmpp_ctx_t* context) {
    const auto found = impl_by_context.find(context);
    return found == impl_by_context.end() ? nullptr : found->second;
}

const char* text_or_empty(const char* text) { return text ? text : ""; }

// libstrophe drops the prefix of xml:lang; Jitsi's own elements have a plain lang.
bool has_own_lang(std::string_view ns) {
    return ns.starts_with("http://jitsi.org") || ns.starts_with("jitsi:");
}

// Stanzas of a component look like a client's to everybody else here.
std::string namespace_of(xmpp_stanza_t* stanza) {
    const char* ns = xmpp_stanza_get_ns(stanza);
    if (!ns) return {};
    return std::string_view(ns) == ns::kComponent ? ns::kClient : ns;
}

struct Converter {
    std::size_t elements = 0;

    void copy_attributes(xmpp_stanza_t* from, Element& to) {
        const int count = std::max(0, xmpp_stanza_get_attribute_count(from));
        std::vector<const char*> list(static_cast<std::size_t>(count) * 2, nullptr);
        const int got = xmpp_stanza_get_attributes(from, list.data(), count * 2);
        for (int i = 0; i + 1 < got; i += 2) {
            const std::string_view key = text_or_empty(list[static_cast<std::size_t>(i)]);
            const char* value = text_or_empty(list[static_cast<std::size_t>(i) + 1]);
            if (key == "xmlns") continue;
            to.set(key == "lang" && !has_own_lang(to.ns()) ? "xml:lang" : key, value);
        }
    }

    // False when a limit of the element tree is passed.
    bool copy(xmpp_stanza_t* from, Element& to, std::size_t depth) {
        if (depth > kMaxStanzaDepth || ++elements > kMaxStanzaElements) return false;
        copy_attributes(from, to);
        for (auto* child = xmpp_stanza_get_children(from); child;
             child = xmpp_stanza_get_next(child)) {
            if (xmpp_stanza_is_text(child)) {
                to.append_text(text_or_empty(xmpp_stanza_get_text_ptr(child)));
                continue;
            }
            auto& made = to.add(text_or_empty(xmpp_stanza_get_name(child)), namespace_of(child));
            if (!copy(child, made, depth + 1)) return false;
        }
        return true;
    }
};

constexpr std::array kStreamErrors{
    "bad-format", "bad-namespace-prefix", "conflict", "connection-timeout", "host-gone",
    "host-unknown", "improper-addressing", "internal-server-error", "invalid-from", "invalid-id",
    "invalid-namespace", "invalid-xml", "not-authorized", "policy-violation",
    "remote-connection-failed", "resource-constraint", "restricted-xml", "see-other-host",
    "system-shutdown", "undefined-condition", "unsupported-encoding", "unsupported-stanza-type",
    "unsupported-version", "xml-not-well-formed"};

}  // namespace

struct StropheCallbacks {
    using Impl = Connection::Impl;

    static void on_event(xmpp_conn_t*, xmpp_conn_event_t event, int error,
                         xmpp_stream_error_t* stream_error, void* user) {
        auto& impl = *static_cast<Impl*>(user);
        if (event == XMPP_CONN_CONNECT) return impl.on_login();
        if (event == XMPP_CONN_RAW_CONNECT) return;
        if (stream_error) {
            const auto at = static_cast<std::size_t>(stream_error->type);
            impl.failure_.stream_error =
                at < kStreamErrors.size() ? kStreamErrors[at] : "undefined-condition";
            impl.failure_.stream_error_text = text_or_empty(stream_error->text);
        }
        impl.on_closed(error);
    }
    static int on_stanza(xmpp_conn_t*, xmpp_stanza_t* stanza, void* user) {
        static_cast<Impl*>(user)->on_library_stanza(stanza);
        return 1;
    }
    static void on_log(void* user, xmpp_log_level_t level, const char*, const char* line) {
        auto& impl = *static_cast<Impl*>(user);
        notice_log_line(line, level == XMPP_LEVEL_ERROR, impl.failure_, impl.notes_);
    }
    static int on_certificate(const xmpp_tlscert_t* certificate, const char* const error) {
        auto* impl = find_impl(xmpp_tlscert_get_ctx(certificate));
        if (impl && impl->failure_.certificate_error.empty()) {
            impl->failure_.certificate_error = error;
        }
        return 0;
    }
    static int on_socket(xmpp_conn_t* conn, void* socket) {
        const int fd = *static_cast<int*>(socket);
        auto* impl = find_impl(xmpp_conn_get_context(conn));
        if (!impl) return -1;
        if (fd >= FD_SETSIZE) {
            impl->failure_.no_low_descriptor = true;
            return -1;
        }
        // A peer that is gone is noticed by TCP too, between pings.
        constexpr int kUserTimeoutMs = 30'000;
        constexpr int kOn = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof kUserTimeoutMs);
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        // The duplicate, for the event loop, leaves the low numbers alone where it can.
        impl->duplicate_ = ::fcntl(fd, F_DUPFD_CLOEXEC, FD_SETSIZE);
        if (impl->duplicate_ < 0) impl->duplicate_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
        return impl->duplicate_ < 0 ? -1 : 0;
    }
    static int refuse_socket(xmpp_conn_t*, void*) { return -1; }
    static void ignore_event(xmpp_conn_t*, xmpp_conn_event_t, int, xmpp_stream_error_t*, void*) {}
};

Connection::Impl::Impl(asio::io_context& io, ConnectionConfig config, log::Logger logger)
    : io_(io),
      config_(std::move(config)),
      log_(logger.named("XmppConnection").with("xmpp=" + config_.name)),
      jid_(config_.jid),
      resolver_(io),
      closed_(io),
      pause_(io),
      ended_(io),
      refused_lines_(std::chrono::seconds(60)) {}

Connection::Impl::~Impl() {
    close_descriptor();
    if (conn_) {
        xmpp_conn_release(conn_);
    }
    impl_by_context.erase(ctx_);
    if (ctx_) xmpp_ctx_free(ctx_);
}

void Connection::Impl::set_flags() {
    long flags = 0;
    if (config_.tls == TlsPolicy::disabled) {
        flags |= XMPP_CONN_FLAG_DISABLE_TLS;
    } else {
        if (config_.tls == TlsPolicy::required) flags |= XMPP_CONN_FLAG_MANDATORY_TLS;
        if (!config_.verify_certificate) flags |= XMPP_CONN_FLAG_TRUST_TLS;
    }
    if (!config_.stream_management) flags |= XMPP_CONN_FLAG_DISABLE_SM;
    if (config_.kind == ConnectionConfig::Kind::client) xmpp_conn_set_flags(conn_, flags);
}

// A component needs the state of stream management, which libstrophe makes for clients only:
// one is made by a client whose socket is refused before it exists.
void Connection::Impl::lend_sm_state() {
    xmpp_conn_t* donor = xmpp_conn_new(ctx_);
    xmpp_conn_set_jid(donor, "nobody@localhost");
    xmpp_conn_set_sockopt_callback(donor, &StropheCallbacks::refuse_socket);
    xmpp_connect_client(donor, "127.0.0.1", 9, &StropheCallbacks::ignore_event, nullptr);
    if (auto* state = xmpp_conn_get_sm_state(donor)) xmpp_conn_set_sm_state(conn_, state);
    xmpp_conn_release(donor);
}

void Connection::Impl::make_library() {
    // A write into a closed socket must be an error, not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    xmpp_initialize();
    library_log_ = std::make_unique<xmpp_log_t>(xmpp_log_t{&StropheCallbacks::on_log, this});
    ctx_ = xmpp_ctx_new(nullptr, library_log_.get());
    conn_ = xmpp_conn_new(ctx_);
    impl_by_context[ctx_] = this;
    xmpp_conn_set_jid(conn_, config_.jid.to_string().c_str());
    xmpp_conn_set_pass(conn_, config_.password.c_str());
    if (!config_.ca_file.empty()) xmpp_conn_set_cafile(conn_, config_.ca_file.c_str());
    xmpp_conn_set_certfail_handler(conn_, &StropheCallbacks::on_certificate);
    xmpp_conn_set_sockopt_callback(conn_, &StropheCallbacks::on_socket);
    set_flags();
}

void Connection::Impl::renew_sm_state() {
    if (session_alive_ && notes_.can_resume) return;
    if (auto* old = xmpp_conn_get_sm_state(conn_)) xmpp_free_sm_state(old);
    if (config_.kind == ConnectionConfig::Kind::component) lend_sm_state();
}

bool Connection::Impl::open(const asio::ip::tcp::endpoint& where) {
    const bool client = config_.kind == ConnectionConfig::Kind::client;
    if (!conn_) make_library();
    renew_sm_state();
    close_descriptor();
    const std::string host = where.address().to_string();
    low_.release();
    errno = 0;  // getaddrinfo and connect set it
    const auto connect = client ? &xmpp_connect_client : &xmpp_connect_component;
    const int result =
        connect(conn_, host.c_str(), where.port(), &StropheCallbacks::on_event, this);
    const int error = errno;
    low_.refill();
    if (result != XMPP_EOK || duplicate_ < 0) {
        failure_.connect_failed = !failure_.no_low_descriptor;
        failure_.system_error = error;
        close_descriptor();
        return false;
    }
    descriptor_.emplace(io_, std::exchange(duplicate_, -1));
    ++generation_;
    open_ = true;
    write_watched_ = false;
    login_pending_ = false;
    const bool can_resume = notes_.can_resume;
    notes_ = {};
    notes_.can_resume = can_resume;
    login_deadline_ = std::chrono::steady_clock::now() + kLoginLimit;
    return true;
}

void Connection::Impl::pump() {
    if (pumping_ || !open_) return;
    const Self self = shared_from_this();
    pumping_ = true;
    const bool in_login = state_ != ConnectionState::connected;
    if (in_login) handshake_.arm(descriptor_->native_handle(), kHandshakeLimit);
    run_library();
    if (in_login) handshake_.disarm();
    pumping_ = false;
    if (!open_) {
        close_descriptor();
        low_.refill();
        closed_.cancel();
        return;
    }
    pollfd writable{descriptor_->native_handle(), POLLOUT, 0};
    if (::poll(&writable, 1, 0) == 0 && !write_watched_ &&
        state_ == ConnectionState::connected) {
        write_watched_ = true;
        asio::co_spawn(io_, watch_write(self, generation_), asio::detached);
    }
}

void Connection::Impl::run_library() {
    int quiet_rounds = 0;
    for (int round = 0; round < kMaxRounds && open_; ++round) {
        feed();
        xmpp_run_once(ctx_, 0);
        if (!open_) return;
        check_login();
        int waiting = 0;
        ::ioctl(descriptor_->native_handle(), FIONREAD, &waiting);
        quiet_rounds = waiting > 0 ? 0 : quiet_rounds + 1;
        if (quiet_rounds > kRoundsAfterLastByte) return;
    }
    if (open_) kick();
}

void Connection::Impl::feed() {
    // LIMIT: libstrophe holds few, so that what a lost stream did not send can be taken back.
    constexpr int kInLibrary = 64;
    while (state_ == ConnectionState::connected && !queue_.empty() &&
           xmpp_conn_send_queue_len(conn_) < kInLibrary) {
        const std::string xml = std::move(queue_.front());
        queue_.pop_front();
        queued_bytes_ -= xml.size();
        xmpp_send_raw(conn_, xml.data(), xml.size());
    }
}

void Connection::Impl::take_back_queue() {
    std::vector<std::string> kept;
    while (char* text = xmpp_conn_send_queue_drop_element(conn_, XMPP_QUEUE_OLDEST)) {
        kept.emplace_back(text);
        xmpp_free(ctx_, text);
    }
    for (auto text = kept.rbegin(); text != kept.rend(); ++text) {
        queued_bytes_ += text->size();
        queue_.push_front(std::move(*text));
    }
}

// Called when libstrophe is ready; until stream management is too, nothing may be sent.
void Connection::Impl::on_login() {
    login_pending_ = true;
    xmpp_handler_add(conn_, &StropheCallbacks::on_stanza, nullptr, nullptr, nullptr, this);
}

void Connection::Impl::check_login() {
    if (notes_.resume_refused) return shut_socket();
    if (!login_pending_) return;
    const bool client = config_.kind == ConnectionConfig::Kind::client;
    const bool resumed = notes_.resumed;
    if (client && config_.stream_management && notes_.sm_offered && !resumed &&
        !notes_.sm_answered) {
        return;
    }
    login_pending_ = false;
    const bool enabled = resumed || (notes_.sm_answered && !notes_.sm_refused);
    const StreamManagement management{resumed || notes_.sm_offered, enabled, notes_.can_resume};
    if (!resumed) {
        const bool can_resume = notes_.can_resume;
        forget_session();
        notes_.can_resume = can_resume;
    }
    if (const char* bound = xmpp_conn_get_bound_jid(conn_)) {
        if (const auto jid = Jid::parse(bound)) jid_ = *jid;
    }
    session_alive_ = true;
    failure_ = {};
    failure_.was_connected = true;
    connected_at_ = std::chrono::steady_clock::now();
    last_error_.clear();
    log_.info("Connected to the XMPP server at {} as {}{}.", address_text(config_),
              jid_.to_string(), resumed ? ", stream resumed" : "");
    set_state({ConnectionState::connected, resumed, false, {}, management});
    for (const auto& stanza : std::exchange(early_, {})) {
        if (!abandoned_) on_stanza_.emit(stanza);
    }
}

void Connection::Impl::on_closed(int error) {
    if (!open_) return;
    // Small numbers are OpenSSL's own (SSL_ERROR_SYSCALL and so on), not the system's.
    constexpr int kLastTlsError = 11;
    if (failure_.system_error == 0 && error > kLastTlsError) failure_.system_error = error;
    open_ = false;
    ++generation_;
    xmpp_handler_delete(conn_, &StropheCallbacks::on_stanza);
    early_.clear();
    if (session_alive_ && notes_.can_resume) take_back_queue();
}

void Connection::Impl::close_descriptor() {
    if (duplicate_ >= 0) ::close(std::exchange(duplicate_, -1));
    descriptor_.reset();
}

void Connection::Impl::shut_socket() {
    if (descriptor_) ::shutdown(descriptor_->native_handle(), SHUT_RDWR);
    kick();
}

void Connection::Impl::end_stream() {
    if (!open_) return;
    feed();
    xmpp_disconnect(conn_);
    kick();
}

void Connection::Impl::send_whitespace() { xmpp_send_raw(conn_, " ", 1); }

void Connection::Impl::on_library_stanza(void* opaque) {
    auto* stanza = static_cast<xmpp_stanza_t*>(opaque);
    if (abandoned_ || namespace_of(stanza) != ns::kClient) return;
    // Answers to libstrophe's own requests (binding) are not ours.
    if (std::string_view(text_or_empty(xmpp_stanza_get_id(stanza))).starts_with("_xmpp_")) return;
    Element element(text_or_empty(xmpp_stanza_get_name(stanza)), ns::kClient);
    Converter converter;
    if (converter.copy(stanza, element, 1)) {
        if (!login_pending_) return on_stanza_.emit(element);
        if (early_.size() < kMaxEarlyStanzas) early_.push_back(std::move(element));
        return;
    }

    std::uint64_t held_back = 0;
    if (refused_lines_.may_speak(std::chrono::steady_clock::now(), &held_back)) {
        log_.warning("Dropped a stanza from {} that is nested too deeply or has too many elements "
                     "({} more before).", element.get("from"), held_back);
    }
    const bool is_request = element.get("type") == "get" || element.get("type") == "set";
    if (element.name() == "iq" && is_request) {
        send(make_error(element, stanza_error("policy-violation")));
    }
}

}  // namespace jmeet::xmpp
