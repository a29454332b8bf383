// The life of a connection between its attempts: resolve, try, wait for the end, pause.
#include "xmpp/connection_impl.hpp"

namespace jmeet::xmpp {
namespace {

constexpr auto kNever = asio::steady_timer::time_point::max();

}  // namespace

void Connection::Impl::start() {
    if (running_) return;
    running_ = true;
    stopping_ = false;
    asio::co_spawn(io_, run(shared_from_this()), asio::detached);
}

awaitable<void> Connection::Impl::stop() {
    const Self self = shared_from_this();
    if (!running_) co_return;
    stopping_ = true;
    resolver_.cancel();
    pause_.cancel();
    end_stream();
    for (int patience = 2; running_ && patience > 0; --patience) {
        ended_.expires_after(std::chrono::seconds(1));
        error_code ignored;
        co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (running_) shut_socket();
    while (running_) {
        ended_.expires_after(std::chrono::milliseconds(100));
        error_code ignored;
        co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void Connection::Impl::abandon() {
    abandoned_ = true;
    stopping_ = true;
    on_state_ = {};
    on_stanza_ = {};
    resolver_.cancel();
    pause_.cancel();
    shut_socket();
    kick();
}

void Connection::Impl::sever() {
    stopping_ = true;
    resolver_.cancel();
    pause_.cancel();
    forget_session();
    shut_socket();
}

void Connection::Impl::reconnect(const std::string& reason) {
    if (!open_) return;
    failure_.given_up = reason;
    shut_socket();
}

bool Connection::Impl::send(const Element& stanza) {
    if (!session_alive_) return false;
    // The stream's own namespace, client or component, is the one that a stanza inherits.
    std::string xml = stanza.to_xml(stanza.ns());
    if (queue_.size() >= kMaxQueuedStanzas || queued_bytes_ + xml.size() > kMaxQueuedBytes) {
        reconnect("the XMPP server at " + address_text(config_) + " does not read: " +
                  std::to_string(queue_.size()) + " stanzas wait, starting anew");
        return false;
    }
    queued_bytes_ += xml.size();
    queue_.push_back(std::move(xml));
    kick();
    return true;
}

void Connection::Impl::kick() {
    if (kicked_) return;
    kicked_ = true;
    asio::post(io_, [self = shared_from_this()] {
        self->kicked_ = false;
        self->pump();
    });
}

awaitable<void> Connection::Impl::run(Self self) {
    while (!self->stopping_) {
        ++self->attempts_;
        self->failure_ = {};
        if (self->state_ != ConnectionState::connecting) {
            self->set_state({ConnectionState::connecting, false, self->session_alive_, {}});
        }
        for (const auto& endpoint : co_await self->resolve()) {
            if (self->stopping_) break;
            self->failure_ = {};
            if (!co_await self->probe(endpoint)) continue;
            if (self->open(endpoint)) co_await self->wait_closed();
            if (self->failure_.was_connected || !self->failure_.connect_failed) break;
        }
        if (self->stopping_) break;
        if (self->notes_.resume_refused) {
            self->start_over();
            continue;
        }
        self->report_failure();
        co_await self->pause();
    }
    self->forget_session();
    self->running_ = false;
    self->set_state({ConnectionState::stopped, false, false, "stopped"});
    self->ended_.cancel();
}

awaitable<std::vector<asio::ip::tcp::endpoint>> Connection::Impl::resolve() {
    error_code failed;
    const auto found = co_await resolver_.async_resolve(
        host_of(config_), std::to_string(port_of(config_)),
        asio::ip::resolver_base::numeric_service,
        asio::redirect_error(asio::use_awaitable, failed));
    std::vector<asio::ip::tcp::endpoint> endpoints;
    if (failed) {
        failure_.resolve_error = failed.message();
        co_return endpoints;
    }
    // LIMIT: of a name with very many addresses the first eight are tried.
    for (const auto& entry : found) {
        if (endpoints.size() < 8) endpoints.push_back(entry.endpoint());
    }
    co_return endpoints;
}

// A failed attempt would make libstrophe forget what it needs for a resumption: while there is a
// session to be resumed, an attempt is made only when the server accepts connections.
awaitable<bool> Connection::Impl::probe(asio::ip::tcp::endpoint where) {
    if (!session_alive_) co_return true;
    asio::ip::tcp::socket socket(io_);
    asio::steady_timer limit(io_, std::chrono::seconds(5));
    limit.async_wait([&socket](error_code stopped) {
        if (!stopped) socket.close(stopped);
    });
    error_code failed;
    co_await socket.async_connect(where, asio::redirect_error(asio::use_awaitable, failed));
    limit.cancel();
    if (!failed) co_return true;
    failure_.connect_failed = true;
    failure_.system_error =
        failed == asio::error::operation_aborted ? ETIMEDOUT : failed.value();
    co_return false;
}

awaitable<void> Connection::Impl::wait_closed() {
    const auto generation = generation_;
    asio::co_spawn(io_, watch_reads(shared_from_this(), generation), asio::detached);
    asio::co_spawn(io_, tick(shared_from_this(), generation), asio::detached);
    while (open_) {
        closed_.expires_at(kNever);
        error_code ignored;
        co_await closed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

awaitable<void> Connection::Impl::watch_reads(Self self, std::uint64_t generation) {
    // The TCP connection exists, or does not, when the socket becomes writable.
    auto what = asio::posix::descriptor_base::wait_write;
    while (self->descriptor_ && self->generation_ == generation) {
        error_code failed;
        co_await self->descriptor_->async_wait(what,
                                               asio::redirect_error(asio::use_awaitable, failed));
        if (failed || self->generation_ != generation) co_return;
        what = asio::posix::descriptor_base::wait_read;
        self->pump();
    }
}

awaitable<void> Connection::Impl::watch_write(Self self, std::uint64_t generation) {
    error_code failed;
    co_await self->descriptor_->async_wait(asio::posix::descriptor_base::wait_write,
                                           asio::redirect_error(asio::use_awaitable, failed));
    if (self->generation_ != generation) co_return;
    self->write_watched_ = false;
    if (!failed) self->pump();
}

// libstrophe's own timers run only when it is called; while a stream is opened or ended they
// matter, later it has none.
awaitable<void> Connection::Impl::tick(Self self, std::uint64_t generation) {
    while (self->open_ && self->generation_ == generation) {
        const bool quiet = self->state_ == ConnectionState::connected && !self->stopping_;
        co_await sleep_for(quiet ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(100));
        if (!self->open_ || self->generation_ != generation) co_return;
        const auto now = std::chrono::steady_clock::now();
        if (self->state_ != ConnectionState::connected && now > self->login_deadline_) {
            self->failure_.login_timed_out = true;
            self->shut_socket();
        }
        if (quiet && self->config_.kind == ConnectionConfig::Kind::component &&
            now - self->whitespace_at_ >= kWhitespaceInterval) {
            self->whitespace_at_ = now;
            self->send_whitespace();
        }
        self->pump();
    }
}

void Connection::Impl::report_failure() {
    last_error_ = explain(config_, failure_);
    const auto now = std::chrono::steady_clock::now();
    if (failure_.was_connected) lost_at_ = now;
    if (failure_.was_connected && now - connected_at_ >= kStableAfter) back_off_.reset();
    if (session_alive_ && (!notes_.can_resume || now - lost_at_ >= kResumeWindow)) {
        forget_session();
    }
    if (failure_.was_connected || config_.failure_prefix.empty()) {
        log_.warning("{}", last_error_);
    } else {
        log_.severe("{}{}", config_.failure_prefix, last_error_);
    }
    set_state({ConnectionState::disconnected, false, session_alive_, last_error_});
}

// The server no longer knows the session: a new one, at once.
void Connection::Impl::start_over() {
    last_error_ = "the XMPP server at " + address_text(config_) + " no longer knows our session";
    log_.info("{}, starting a new one.", last_error_);
    forget_session();
    set_state({ConnectionState::disconnected, false, false, last_error_});
}

void Connection::Impl::forget_session() {
    session_alive_ = false;
    notes_ = {};
    queue_.clear();
    queued_bytes_ = 0;
}

awaitable<void> Connection::Impl::pause() {
    if (stopping_) co_return;
    const double chance = std::uniform_real_distribution<double>(0, 1)(random_);
    const auto wait = back_off_.next(chance);
    if (!failure_.was_connected && !config_.failure_prefix.empty()) {
        log_.warning("Failed to connect, will re-try after {:.1f} seconds",
                     std::chrono::duration<double>(wait).count());
    }
    pause_.expires_after(wait);
    error_code ignored;
    co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void Connection::Impl::set_state(ConnectionEvent event) {
    state_ = event.state;
    on_state_.emit(event);
}

Connection::Connection(asio::io_context& io, ConnectionConfig config, log::Logger logger)
    : impl_(std::make_shared<Impl>(io, std::move(config), std::move(logger))) {}
Connection::~Connection() { impl_->abandon(); }

void Connection::start() { impl_->start(); }
awaitable<void> Connection::stop() { return impl_->stop(); }
void Connection::sever() { impl_->sever(); }
void Connection::reconnect(const std::string& reason) { impl_->reconnect(reason); }
bool Connection::send(const Element& stanza) { return impl_->send(stanza); }
ConnectionState Connection::state() const { return impl_->state_; }
bool Connection::may_resume() const {
    return impl_->session_alive_ && impl_->state_ != ConnectionState::connected;
}
const Jid& Connection::jid() const { return impl_->jid_; }
const std::string& Connection::last_error() const { return impl_->last_error_; }
asio::io_context& Connection::io() const { return impl_->io_; }
const log::Logger& Connection::logger() const { return impl_->log_; }
Listeners<const ConnectionEvent&>& Connection::on_state() { return impl_->on_state_; }
Listeners<const Element&>& Connection::on_stanza() { return impl_->on_stanza_; }
const ConnectionConfig& Connection::config() const { return impl_->config_; }
std::uint64_t Connection::attempts() const { return impl_->attempts_; }

}  // namespace jmeet::xmpp
